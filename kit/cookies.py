"""The register of cookies: each with its purpose in plain words, and none set outside it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

_DAY = 24 * 3600  # seconds
_ABOUT_A_YEAR = 364  # days


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """One cookie as the cookie page shows it. ``necessary``: the site cannot do what was asked without it."""

    name: str
    purpose: str | Promise
    lifetime: str | Promise
    necessary: bool


class UnregisteredCookie(Exception):
    """A response sets a cookie nobody has declared."""


_registered: dict[str, Cookie] = {}


def register(cookie: Cookie) -> None:
    """Declare a cookie, once, while the apps start."""
    _registered[cookie.name] = cookie


def registered() -> list[Cookie]:
    """Every cookie this site may set, the framework's own first."""
    return [*_framework_cookies(), *_registered.values()]


class RegisteredCookies:
    """Refuses to send a cookie that is not in the register: raises UnregisteredCookie.

    On the way in, a cookie holding control characters is dropped: none of ours does, and quoting can smuggle
    a NUL as far as a query, where PostgreSQL refuses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for name in [name for name, value in request.COOKIES.items() if not value.isprintable()]:
            del request.COOKIES[name]
        response = self.get_response(request)
        if response.cookies:
            unknown = set(response.cookies) - {cookie.name for cookie in registered()}
            if unknown:
                raise UnregisteredCookie(", ".join(sorted(unknown)))
        return response


def _framework_cookies() -> tuple[Cookie, Cookie]:
    csrf_days = settings.CSRF_COOKIE_AGE // _DAY
    return (
        Cookie(
            name=settings.SESSION_COOKIE_NAME,
            purpose=_("记住您已登录、刚验证过号码、打开过哪些预约链接"),
            lifetime=format_lazy(_("{days} 天，退出登录即失效"), days=settings.SESSION_COOKIE_AGE // _DAY),
            necessary=True,
        ),
        Cookie(
            name=settings.CSRF_COOKIE_NAME,
            purpose=_("确认提交来自本站的页面，防止别的网站冒用您的名义；只是一串随机字符"),
            lifetime=_("一年") if csrf_days >= _ABOUT_A_YEAR else format_lazy(_("{days} 天"), days=csrf_days),
            necessary=True,
        ),
    )
