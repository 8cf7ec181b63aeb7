"""No cookie without its line in the register."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kit import cookies
from kit.cookies import Cookie, RegisteredCookies, UnregisteredCookie, register, registered


@pytest.fixture(autouse=True)
def own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "_registered", dict(cookies._registered))


def setting(*names: str) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("ok")
        for name in names:
            response.set_cookie(name, "1")
        return response

    return view


def test_the_frameworks_cookies_are_explained() -> None:
    by_name = {cookie.name: cookie for cookie in registered()}
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        assert by_name[name].necessary
        assert str(by_name[name].purpose)
    assert "30 天" in str(by_name[settings.SESSION_COOKIE_NAME].lifetime)


def test_registered_cookies_pass() -> None:
    register(Cookie(name="city", purpose="记住您看的城市", lifetime="180 天", necessary=False))
    view = setting(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "city")
    assert len(RegisteredCookies(view)(RequestFactory().get("/")).cookies) == 3
    assert [cookie.name for cookie in registered()].count("city") == 1


@pytest.mark.parametrize("name", ["tracking", "Session", "_ga"])
def test_any_other_is_a_fault(name: str) -> None:
    with pytest.raises(UnregisteredCookie, match=name):
        RegisteredCookies(setting(settings.SESSION_COOKIE_NAME, name))(RequestFactory().get("/"))


def test_registering_twice_keeps_one_line() -> None:
    for purpose in ("一", "二"):
        register(Cookie(name="city", purpose=purpose, lifetime="1 天", necessary=False))
    assert [cookie.purpose for cookie in registered() if cookie.name == "city"] == ["二"]


@pytest.mark.parametrize("value", ['"abc\\000def"', '"a\\012b"', '"\\177"'])
def test_control_characters_in_a_cookie_never_reach_a_query(value: str) -> None:
    seen: dict[str, str] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.update(request.COOKIES)
        return HttpResponse("ok")

    RegisteredCookies(view)(RequestFactory().get("/", HTTP_COOKIE=f"bad={value}; good=1"))
    assert "bad" not in seen
    assert "good" in seen
