"""Every API error in one shape: RFC 9457 ``application/problem+json``, its words for people."""

import json
import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from kit.limiter import LimiterUnavailable, LimitReached
from kit.phone import PhoneInvalid
from kit.waiting import in_words

API_PREFIX = "/api/"
_Text = str | Promise
_Errors = Mapping[str, list[str]]

# code → (status, title, detail)
CATALOGUE: dict[str, tuple[int, _Text, _Text]] = {
    "malformed": (400, _("这段内容读不懂"), _("请检查一下格式，再发一次。")),
    "login_required": (401, _("请先登录"), _("登录之后就能接着办。")),
    "session_replaced": (401, _("您已在另一台设备上登录"), _("想在这里继续，重新登录一次就好。")),
    "csrf_failed": (403, _("这一步没有确认是您本人发出的"), _("请刷新页面再试一次；浏览器需要允许 Cookie。")),
    "forbidden": (403, _("这里暂时不对您开放"), _("需要的话，请联系校区老师。")),
    "check_failed": (403, _("安全验证没有完成"), _("再试一次就好。")),
    "not_found": (404, _("没有找到这一项"), _("它可能已经结束，也可能是地址不完整。")),
    "method_not_allowed": (405, _("这个地址不能这样用"), _("请看看接口说明里允许的方法。")),
    "session_full": (409, _("这节课刚刚约满了"), _("可以换个时间，您填的内容都还在。")),
    "already_booked": (409, _("这次试听您已经约过了"), _("可以直接查看或取消原来的预约。")),
    "too_late": (409, _("离上课太近，这里改不了了"), _("请打校区电话，老师帮您处理。")),
    "agreements_required": (409, _("还差您的同意"), _("请看过下面的文件并勾选，不用重新收验证码。")),
    "document_stale": (409, _("文件有了新版本"), _("请看过最新的版本，再提交一次。")),
    "idempotency_conflict": (409, _("这个编号已经用在另一次提交里"), _("请换一个新的编号。")),
    "not_ready": (409, _("还在准备"), _("请过一会儿再来看。")),
    "expired": (410, _("已经过了有效期"), _("需要的话，请重新开始这一步。")),
    "too_large": (413, _("内容太多，收不下"), _("请减少一些再发。")),
    "unsupported_media_type": (415, _("这种格式我们还收不了"), _("请用 JSON 发送。")),
    "invalid": (422, _("有几处需要改一下"), _("请看看标出来的地方，其余的都还在。")),
    "phone_invalid": (422, _("手机号需要再看一眼"), _("请填 11 位的内地手机号。")),
    "code_invalid": (422, _("验证码不正确或已过期"), _("请看看最新的那条短信，或者重新获取。")),
    "code_exhausted": (422, _("这个验证码试的次数用完了"), _("请重新获取一个。")),
    "login_failed": (422, _("手机号或密码不正确"), _("请再看一眼，也可以改用验证码登录。")),
    "rate_limited": (429, _("有点频繁，先歇一歇"), _("请过一会儿再试。")),
    "server_error": (500, _("这一步没走通，不是您的问题"), _("请过一两分钟再试。")),
    "busy": (503, _("现在有点忙"), _("请过一会儿再试。")),
    "sms_busy": (503, _("短信正在排队"), _("请过几分钟再试，也可以打校区电话预约。")),
    "sms_unavailable": (503, _("暂时发不了短信"), _("请过几分钟再试，也可以打校区电话预约。")),
}


class Problem(exceptions.APIException):
    """An answer to give instead of the one asked for. ``extra`` members stand beside the standard ones.

    Raises ValueError for a code that is not in the catalogue or belongs to another status.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: _Text | None = None,
        detail: _Text | None = None,
        errors: _Errors | None = None,
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        if code not in CATALOGUE or CATALOGUE[code][0] != status:
            raise ValueError(f"no problem {code!r} with status {status}")
        self.code = code
        self.body = _body(code, title, detail, errors, retry_after, extra)
        self.status_code = status
        self.retry_after = retry_after
        super().__init__(detail=self.body["detail"], code=code)


def problem_response(
    status: int,
    code: str,
    title: _Text | None = None,
    detail: _Text | None = None,
    errors: _Errors | None = None,
    retry_after: int | None = None,
    **extra: Any,
) -> HttpResponse:
    """The same answer for callers outside the API framework: middleware and error handlers."""
    problem = Problem(status, code, title, detail, errors, retry_after, **extra)
    return _response(problem)


def is_api(request: HttpRequest) -> bool:
    """Whether the caller reads problems rather than pages."""
    return request.path_info.startswith(API_PREFIX)


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What the API framework asks for an exception's answer; None lets it travel on to the 500 handler."""
    problem = _as_problem(exc)
    if problem is None:
        return None
    response = _response(problem)
    if isinstance(exc, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def _as_problem(exc: Exception) -> Problem | None:
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, exceptions.ValidationError):
        return Problem(422, "invalid", errors=_flat(exc.detail))
    if isinstance(exc, PhoneInvalid):
        return Problem(422, "phone_invalid", detail=exc.hint, errors={"phone": [str(exc.hint)]})
    for kind, code in _PLAIN:
        if isinstance(exc, kind):
            wait = getattr(exc, "retry_after", None) or getattr(exc, "wait", None)
            return Problem(CATALOGUE[code][0], code, retry_after=math.ceil(wait) if wait else None)
    return None


_PLAIN: tuple[tuple[type[Exception], str], ...] = (
    (LimitReached, "rate_limited"),
    (exceptions.Throttled, "rate_limited"),
    (LimiterUnavailable, "busy"),
    (exceptions.ParseError, "malformed"),
    (exceptions.NotAuthenticated, "login_required"),
    (exceptions.AuthenticationFailed, "login_required"),
    (exceptions.PermissionDenied, "forbidden"),
    (PermissionDenied, "forbidden"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
)


def _body(
    code: str,
    title: _Text | None,
    detail: _Text | None,
    errors: _Errors | None,
    retry_after: int | None,
    extra: dict[str, Any],
) -> dict[str, Any]:
    status, usual_title, usual_detail = CATALOGUE[code]
    if detail is None and code == "rate_limited" and retry_after is not None:
        detail = gettext("请{wait}再试。").format(wait=in_words(retry_after))
    body = {
        "type": "about:blank",
        "status": status,
        "code": code,
        "title": str(title or usual_title),
        "detail": str(detail or usual_detail),
    }
    if errors:
        body["errors"] = {field: [str(text) for text in texts] for field, texts in errors.items()}
    return body | extra


def _response(problem: Problem) -> HttpResponse:
    content = json.dumps(problem.body, cls=DjangoJSONEncoder, ensure_ascii=False)
    # No charset: JSON is UTF-8 by definition and the media type has no such parameter (RFC 8259, 11).
    response = HttpResponse(content, content_type="application/problem+json", status=problem.status_code)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status_code == 401:  # noqa: PLR2004  the status obliges us to name a scheme (RFC 9110, 15.5.2)
        response["WWW-Authenticate"] = "Session"
    return response


def _flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested field errors as ``{"child.nickname": [text]}``."""
    if isinstance(detail, Mapping):
        inner = list(detail.items())
    elif any(isinstance(entry, Mapping | list) for entry in detail):
        inner = list(enumerate(detail))
    else:
        return {path or "non_field_errors": [str(text) for text in detail]} if detail else {}
    flat: dict[str, list[str]] = {}
    for name, errors in inner:
        flat |= _flat(errors, f"{path}.{name}" if path else str(name))
    return flat
