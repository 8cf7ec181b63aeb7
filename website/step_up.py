"""Stepping up: whoever is signed in shows once more that they hold the number on file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import holder_in, note_proved, proved_lately
from accounts.code_step import CodeStep, again, ask, posted_challenge, refuse, resume
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.models import User
from accounts.services.codes import verify_code
from accounts.services.guardians import phone_of
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.phone import mask, spoken
from kit.safe_next import safe_next
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.rights.exceptions import RequestUnknown
from privacy.rights.models import DataSubjectRequest
from website.browser import erased_here
from website.privacy_forms import ConfirmForm
from website.services.own_requests import of_asker

Arguments = ParamSpec("Arguments")
Page = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]
AskersPage = Callable[[HttpRequest, DataSubjectRequest], HttpResponseBase]
HoldersPage = Callable[Concatenate[HttpRequest, User, Arguments], HttpResponseBase]


def fresh(request: HttpRequest) -> bool:
    """Whether whoever is signed in proved the number of their account in this session within ten minutes."""
    return proved_lately(request)


def for_holder(view: HoldersPage[Arguments]) -> Page[Arguments]:
    """A page of one's own information: never kept, given the guardian signed in, suspended ones too.

    Others are led to the login and back.
    """

    @never_cache
    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        holder = holder_in(request)
        if holder is None:
            return _to_login(request)
        return view(request, holder, *args, **kwargs)

    return guarded


def for_asker(view: AskersPage) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A page of the request ``public_id``: for its holder, and the browser whose account it ended."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, public_id: str) -> HttpResponseBase:
        holder = holder_in(request)
        try:
            found = of_asker(holder=holder, remembered=erased_here(request), public_id=public_id)
        except RequestUnknown as error:
            if holder is None:
                return _to_login(request)
            raise Http404 from error
        return view(request, found)

    return guarded


def for_fresh(view: HoldersPage[Arguments]) -> HoldersPage[Arguments]:
    """The same for what needs a code proved just now: without one it is asked for first."""

    @wraps(view)
    def guarded(
        request: HttpRequest, holder: User, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        return view(request, holder, *args, **kwargs) if fresh(request) else to_confirm(request)

    return guarded


def to_confirm(request: HttpRequest) -> HttpResponse:
    """Led to the page that asks for a code, and from there back to where one was."""
    return SeeOther(f"{reverse('website:confirm')}?{urlencode({'next': _to_come_back(request)})}")


def _to_login(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:login')}?{urlencode({'next': _to_come_back(request)})}")


def _to_come_back(request: HttpRequest) -> str:
    return request.get_full_path() if request.method in {"GET", "HEAD"} else request.path


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def confirm(request: HttpRequest, holder: User) -> HttpResponse:
    """A code to the number on file, which nobody types here; then on to where one was going."""
    onward = safe_next(request, default=reverse("website:privacy"))
    if fresh(request):
        return SeeOther(onward)
    number = phone_of(holder.pk)
    if number is None:
        return _page(request, ConfirmForm(), CodeStep(status=409), "", onward)
    if request.method != "POST":
        return _page(request, ConfirmForm(), resume(request, CodePurpose.CONFIRM), number, onward)
    form = ConfirmForm({"code": request.POST.get("code", ""), "phone": number})
    if request.POST.get("action") == "send_code":
        return _page(request, form, ask(request, form, CodePurpose.CONFIRM), number, onward)
    step = _tried(request, form, holder, number)
    return SeeOther(onward) if step is None else _page(request, form, step, number, onward)


def _tried(request: HttpRequest, form: ConfirmForm, holder: User, number: str) -> CodeStep | None:
    """None once the code was right; else the step to show again, the reason on the form."""
    if not form.is_valid():
        return again(request)
    tried = attempt(
        request,
        challenge=posted_challenge(request),
        code=form.cleaned_data["code"],
        purpose=CodePurpose.CONFIRM,
        phone=number,
    )
    try:
        row = verify_code(tried, address=client_address(request))
    except CodeInvalid as error:
        return refuse(request, form, error)
    except LimitReached as reached:
        form.add_error(None, _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
        return again(request, status=429, retry_after=reached.retry_after)
    note_proved(request, holder, row)
    return None


def _page(request: HttpRequest, form: ConfirmForm, step: CodeStep, number: str, onward: str) -> HttpResponse:
    form.say_of_number()
    sent = replace(step.sent, number=mask(number)) if step.sent else None
    context = {
        "form": form,
        "number": mask(number) if number else "",
        "challenge": step.challenge,
        "sent": sent,
        "status_message": step.status_message.replace(spoken(number), mask(number)) if number else "",
        "wait": step.retry_after,
        "next": onward,
    }
    return step.dress(request, render(request, "privacy/confirm.html", context, status=step.status))
