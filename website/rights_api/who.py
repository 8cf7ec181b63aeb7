"""Who calls about their own data, and whether they proved their number just now."""

from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.browser import holder_in
from accounts.models import User
from kit.problem_json import Problem
from website.step_up import fresh


def holder_of(request: Request) -> User:
    """Whoever is signed in, suspended or not. Raises Problem for nobody."""
    holder = holder_in(request._request)
    if holder is None:
        raise Problem(401, "login_required")
    return holder


def must_be_fresh(request: Request) -> None:
    """Raise Problem unless the number was proved in this session within ten minutes."""
    if not fresh(request._request):
        raise Problem(
            403,
            "forbidden",
            title=_("还要再确认一次是您本人"),
            detail=_("请获取 purpose 为 confirm 的验证码，把 challenge 和 code 发到 login/，十分钟内有效。"),
        )
