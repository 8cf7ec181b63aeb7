"""The step that pages with a code share: ask, show what was sent, prove."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.browser import ensure_nonce, nonce
from accounts.enums import CodePurpose
from accounts.exceptions import CodeExhausted, CodeInvalid, SmsUnavailable
from accounts.services.codes import LIFETIME, RESEND_AFTER, open_code, send_code
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.phone import spoken


@dataclass(frozen=True)
class Sent:
    """What was sent where, as the page shows it."""

    number: str
    resend_in: int
    """Seconds."""
    expires_in: int
    """Seconds."""


@dataclass(frozen=True)
class CodeStep:
    """What a page with a code field shows of the code, and with which status."""

    challenge: str = ""
    sent: Sent | None = None
    status_message: str = ""
    status: int = 200
    retry_after: int | None = None


def ask(request: HttpRequest, form: forms.Form, purpose: CodePurpose) -> CodeStep:
    """Send a code to the form's number; whatever is wrong is added to the form."""
    form.full_clean()
    phone = form.cleaned_data.get("phone")
    _keep_errors_of(form, "phone")
    if not phone:
        return CodeStep(challenge=posted_challenge(request), status=422)
    try:
        code = send_code(
            phone=phone,
            purpose=purpose,
            browser=ensure_nonce(request),
            address=client_address(request),
        )
    except LimitReached as reached:
        form.add_error("phone", too_many(reached.retry_after))
        return _again(request, status=429, retry_after=reached.retry_after)
    except SmsUnavailable:
        form.add_error("phone", _("短信暂时发不出去，您填的内容都在。过几分钟再试，着急就打页面下方的电话。"))
        return _again(request, status=503, retry_after=60)
    sent = Sent(spoken(phone), code.resend_in, code.expires_in)
    return CodeStep(code.challenge, sent, _("验证码已发到 %s，5 分钟内有效。") % sent.number)


def refuse(form: forms.Form, error: CodeInvalid | LimitReached) -> int:
    """Say beside the code why it was not taken; the status that goes with it."""
    if isinstance(error, LimitReached):
        form.add_error("code", too_many(error.retry_after))
        return 429
    if isinstance(error, CodeExhausted):
        form.add_error("code", _("试了五次都没对上，请重新获取验证码。"))
    else:
        form.add_error("code", _("验证码不正确或已过期，再看一眼最新的那条短信，或重新获取。"))
    return 422


def again(request: HttpRequest, *, status: int = 422) -> CodeStep:
    """The step as it stood, for a page shown again."""
    return _again(request, status=status)


def posted_challenge(request: HttpRequest) -> str:
    return request.POST.get("challenge", "")[:64]


def too_many(seconds: int) -> str:
    """How long to wait, in words."""
    if seconds <= 90:  # noqa: PLR2004  up to a minute and a half reads best in seconds
        return _("刚刚发过一条，%d 秒后可以再发。") % seconds
    if seconds <= 5400:  # noqa: PLR2004  likewise in minutes
        return _("发得有点多了，先歇一歇，大约 %d 分钟后可以再试。") % -(-seconds // 60)
    return _("今天发得有点多了，大约 %d 小时后可以再试；着急就打页面下方的电话。") % -(-seconds // 3600)


def _again(request: HttpRequest, *, status: int, retry_after: int | None = None) -> CodeStep:
    challenge = posted_challenge(request)
    return CodeStep(challenge, _sent_before(request, challenge), "", status, retry_after)


def _sent_before(request: HttpRequest, challenge: str) -> Sent | None:
    at = timezone.now()
    row = open_code(challenge=challenge, browser=nonce(request))
    if row is None:
        return None
    resend_in = int((row.expires_at - LIFETIME + RESEND_AFTER - at).total_seconds())
    return Sent(spoken(row.phone), max(0, resend_in), int((row.expires_at - at).total_seconds()))


def _keep_errors_of(form: forms.Form, name: str) -> None:
    for other in [field for field in form.errors if field != name]:
        del form.errors[other]
