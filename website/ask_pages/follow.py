"""Following a request by its receipt number: how far it is, proving a number, answering, taking it back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import proof_in
from accounts.code_step import CodeStep, again, ask, posted_challenge, refuse, resume
from accounts.door import attempt, prove
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.services.guardians import find_guardian
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.actors import ANONYMOUS
from privacy.rights.exceptions import RequestMoved, RequestRefused, RequestUnknown
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import answer
from privacy.rights.services.deciding import withdraw_request
from privacy.rights.services.door import prove_at_the_door, request_behind, tidied
from website.ask_forms import AnswerForm, ProveForm
from website.ask_page import followed


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, receipt: str) -> HttpResponse:
    """How far a request has come, for whoever holds its receipt number; and what is theirs to do about it."""
    try:
        row = request_behind(receipt=receipt, address=client_address(request))
    except RequestUnknown as error:
        raise Http404 from error
    if request.method != "POST":
        return _followed(request, row, resume(request, CodePurpose.CONFIRM))
    act = _ACTS.get(request.POST.get("action", ""))
    return act(request, row) if act else SeeOther(request.path)


def _send(request: HttpRequest, row: DataSubjectRequest) -> HttpResponse:
    form = ProveForm(request.POST)
    return _followed(request, row, ask(request, form, CodePurpose.CONFIRM), prove_form=form)


def _prove(request: HttpRequest, row: DataSubjectRequest) -> HttpResponse:
    form = ProveForm(request.POST)
    step = _proved(request, form, row) if form.is_valid() else again(request)
    return SeeOther(request.path) if step is None else _followed(request, row, step, prove_form=form)


def _proved(request: HttpRequest, form: ProveForm, row: DataSubjectRequest) -> CodeStep | None:
    """None once the number is proved; else the step to show again, the reason on the form."""
    typed = form.cleaned_data
    tried = attempt(
        request,
        challenge=posted_challenge(request),
        code=typed["code"],
        purpose=CodePurpose.CONFIRM,
        phone=typed["phone"],
    )
    try:
        phone = prove(request, tried).phone
        account = find_guardian(phone=phone)
        prove_at_the_door(request=row, phone=phone, subject_id=account.pk if account else None)
    except CodeInvalid as error:
        return refuse(request, form, error)
    except LimitReached as reached:
        form.add_error(None, _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
        return again(request, status=429, retry_after=reached.retry_after)
    except RequestRefused as refused:
        form.add_error("phone", refused.message)
        return CodeStep(status=422)
    except RequestMoved:
        pass  # it was proved by another tap, or is closed and its answer can be read now
    return None


def _answer(request: HttpRequest, row: DataSubjectRequest) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not followed(row, proved_phone=_proved_phone(request)).question:
        return SeeOther(request.path)
    if not form.is_valid():
        return _followed(request, row, CodeStep(status=422), answer_form=form)
    with suppress(RequestMoved):  # answered by another tap, or closed meanwhile: the page says so
        answer(request=row, answer=form.cleaned_data["answer"], by=ANONYMOUS)
    return SeeOther(request.path)


def _withdraw(request: HttpRequest, row: DataSubjectRequest) -> HttpResponse:
    if followed(row, proved_phone=None).can_withdraw:
        with suppress(RequestMoved):  # it was closed meanwhile
            withdraw_request(request=row, by=ANONYMOUS)
    return SeeOther(request.path)


_ACTS: dict[str, Callable[[HttpRequest, DataSubjectRequest], HttpResponse]] = {
    "send_code": _send,
    "prove": _prove,
    "answer": _answer,
    "withdraw": _withdraw,
}


def _proved_phone(request: HttpRequest) -> str | None:
    row = proof_in(request)
    return row.phone if row else None


def _followed(
    request: HttpRequest, row: DataSubjectRequest, step: CodeStep, **bound: forms.Form
) -> HttpResponse:
    own_page = urlencode({"next": reverse("website:own-request", args=[row.public_id])})
    # As long as this page is the one that first told it, also while a code is on its way.
    receipt = tidied(request.path.split("/")[-2]) if "new" in request.GET else ""
    shown = followed(row, receipt=receipt, proved_phone=_proved_phone(request))
    certified = shown.course is not None and shown.course.certified
    context = {
        "certificate_url": f"{request.path}certificate/" if certified else "",
        "shown": shown,
        "login_url": f"{reverse('accounts:login')}?{own_page}",
        "challenge": step.challenge,
        "sent": step.sent,
        "status_message": step.status_message,
        "wait": step.retry_after,
        "prove_form": ProveForm(),
        "answer_form": AnswerForm(),
        **bound,
    }
    response = render(request, "website/ask_follow.html", context, status=step.status)
    return step.dress(request, response)
