"""Taking down a request for somebody on the telephone. Nothing here shows whether a number is known."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.code_step import CodeStep, again, ask, posted_challenge, refuse, resume
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.services.codes import Try, recently_proved, verify_code
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.waiting import in_words
from privacy.rights.services.filing import Asked
from website.requests_forms import CallForm
from website.requests_pages.access import for_those_who_work
from website.services.callers import take_call
from website.services.request_desk import Officer


@require_http_methods(["GET", "HEAD", "POST"])
@for_those_who_work
def call(request: HttpRequest, who: Officer) -> HttpResponse:
    """What a caller asks for, with a code to the number they name; or without, to be proved later."""
    if request.method != "POST":
        form = CallForm(initial={"once": secrets.token_urlsafe(16)})
        return _page(request, form, resume(request, CodePurpose.CONFIRM))
    action = request.POST.get("action", "")
    form = CallForm(request.POST, needs_code=action not in {"send_code", "unproved"})
    if action == "send_code":
        form.fields["phone"].required = True
        return _page(request, form, ask(request, form, CodePurpose.CONFIRM))
    if not form.is_valid():
        return _page(request, form, again(request))
    if form.needs_code and (step := _tried(request, form)):
        return _page(request, form, step)
    return _taken(request, form, who)


def _taken(request: HttpRequest, form: CallForm, who: Officer) -> HttpResponse:
    given = form.cleaned_data
    filed = take_call(
        asked=Asked(
            kinds=given["kinds"],
            on_behalf=given["on_behalf"],
            words=given["words"],
            phone=given["phone"] or None,
        ),
        proved=form.needs_code,
        once=given["once"],
        by=who.actor,
    )
    context = {"filed": filed, "proved": form.needs_code}
    return render(request, "staff/requests/call_done.html", context)


def _tried(request: HttpRequest, form: CallForm) -> CodeStep | None:
    """None once the code was right; else the step to show again, the reason on the form."""
    given = form.cleaned_data
    tried = attempt(
        request,
        challenge=posted_challenge(request),
        code=given["code"],
        purpose=CodePurpose.CONFIRM,
        phone=given["phone"],
    )
    try:
        _verify(request, tried)
    except CodeInvalid as error:
        return refuse(request, form, error)
    except LimitReached as reached:
        form.add_error("code", _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
        return again(request, status=429, retry_after=reached.retry_after)
    return None


def _verify(request: HttpRequest, tried: Try) -> None:
    """As `verify_code`; the same code posted twice from this form is as good the second time."""
    try:
        verify_code(tried, address=client_address(request))
    except CodeInvalid:
        if recently_proved(tried) is None:
            raise


def _page(request: HttpRequest, form: CallForm, step: CodeStep) -> HttpResponse:
    context = {
        "form": form,
        "challenge": step.challenge,
        "sent": step.sent,
        "status_message": step.status_message,
        "wait": step.retry_after,
    }
    return step.dress(request, render(request, "staff/requests/call.html", context, status=step.status))
