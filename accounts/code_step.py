"""The step that pages with a code share: ask, show what was sent, prove."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.browser import ensure_nonce, nonce, remember_browser
from accounts.enums import CodePurpose
from accounts.exceptions import CodeExhausted, CodeInvalid, SmsUnavailable
from accounts.models import VerificationCode
from accounts.services.codes import (
    LIFETIME,
    RESEND_AFTER,
    SentCode,
    latest_open_code,
    open_code,
    send_code,
)
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.phone import spoken
from kit.waiting import in_words

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{22}")


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
    """Seconds."""

    def dress(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The response with what belongs to the step: when to come back, and the browser's nonce."""
        if self.retry_after:
            response["Retry-After"] = str(self.retry_after)
        if self.sent:
            remember_browser(request, response)
        return response


class Send(Protocol):
    """Sends a code as `accounts.services.codes.send_code` does, and raises as it does, or more."""

    def __call__(self, *, phone: str, purpose: CodePurpose, browser: str, address: str) -> SentCode: ...


def ask(request: HttpRequest, form: forms.Form, purpose: CodePurpose, send: Send = send_code) -> CodeStep:
    """Send a code to the form's number; whatever is wrong is added to the form."""
    form.full_clean()
    phone = form.cleaned_data.get("phone")
    _keep_errors_of(form, "phone")
    if not phone:
        return CodeStep(challenge=posted_challenge(request), status=422)
    try:
        code = send(
            phone=phone,
            purpose=purpose,
            browser=ensure_nonce(request),
            address=client_address(request),
        )
    except LimitReached as reached:
        return _too_soon(request, form, phone, purpose, reached.retry_after)
    except SmsUnavailable:
        form.add_error("phone", _("短信暂时发不出去，您填的内容都在。过几分钟再试，着急就打页面下方的电话。"))
        return again(request, status=503, retry_after=60)
    sent = Sent(spoken(phone), code.resend_in, code.expires_in)
    return CodeStep(code.challenge, sent, _("验证码已发到 %s，5 分钟内有效。") % sent.number)


def refuse(request: HttpRequest, form: forms.Form, error: CodeInvalid) -> CodeStep:
    """Say beside the code why it was not taken; the step to show again."""
    if isinstance(error, CodeExhausted):
        form.add_error("code", _("试了五次都没对上，这条验证码不再用了。请重新获取，别的都还在。"))
    else:
        form.add_error("code", _("验证码不正确或已过期，再看一眼最新的那条短信，或重新获取。"))
    return again(request)


def again(request: HttpRequest, *, status: int = 422, retry_after: int | None = None) -> CodeStep:
    """The step as it stood, for a page shown again."""
    challenge = posted_challenge(request)
    return CodeStep(challenge, _sent_before(request, challenge), "", status, retry_after)


def posted_challenge(request: HttpRequest) -> str:
    """The challenge that came back with a form; empty unless it can be one of ours."""
    posted = request.POST.get("challenge", "")
    return posted if _CHALLENGE.fullmatch(posted) else ""


def _too_many_sent(seconds: int) -> str:
    wait = in_words(seconds)
    if seconds <= RESEND_AFTER.total_seconds():
        return _("刚刚发过一条，%s可以再发。") % wait
    return _("发得有点多了，先歇一歇，%s可以再试；着急就打页面下方的电话。") % wait


def _too_soon(
    request: HttpRequest, form: forms.Form, phone: str, purpose: CodePurpose, wait: int
) -> CodeStep:
    """A page reloaded after sending asks again: the code it was sent is still good, so nothing is wrong."""
    row = latest_open_code(browser=nonce(request), purpose=purpose)
    if row is None or row.phone != phone:
        form.add_error("phone", _too_many_sent(wait))
        return again(request, status=429, retry_after=wait)
    words = _("短信已经发出，可能还在路上。收到的那条可以用；没收到的话，%s再获取。") % in_words(wait)
    return CodeStep(row.challenge, _shown(row), words, 429, wait)


def resume(request: HttpRequest, purpose: CodePurpose) -> CodeStep:
    """The step this browser was in the middle of: back from its messages, reloaded, or in a second tab."""
    row = latest_open_code(browser=nonce(request), purpose=purpose)
    return CodeStep(row.challenge, _shown(row)) if row else CodeStep()


def _sent_before(request: HttpRequest, challenge: str) -> Sent | None:
    row = open_code(challenge=challenge, browser=nonce(request))
    return _shown(row) if row else None


def _shown(row: VerificationCode) -> Sent:
    at = timezone.now()
    resend_in = int((row.expires_at - LIFETIME + RESEND_AFTER - at).total_seconds())
    return Sent(spoken(row.phone), max(0, resend_in), int((row.expires_at - at).total_seconds()))


def _keep_errors_of(form: forms.Form, name: str) -> None:
    for other in [field for field in form.errors if field != name]:
        del form.errors[other]
