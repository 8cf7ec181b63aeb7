"""Putting right: what can be changed at once, the number by proof of both, and what stays as it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import note_proved, proof_of_holder, stay_signed_in
from accounts.code_step import CodeStep, again, ask, posted_challenge, refuse, resume
from accounts.door import attempt
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid
from accounts.models import User, VerificationCode
from accounts.services.codes import verify_code
from accounts.services.guardians import masked_phone_of
from accounts.services.phone_change import NotProved, NumberTaken
from kit.client_address import client_address
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.rights.services.correcting import why_locked
from website.privacy_forms import NumberForm
from website.services.own_rights import change_number
from website.step_up import for_fresh, for_holder, to_confirm


@require_safe
@for_holder
def correct(request: HttpRequest, holder: User) -> HttpResponse:
    """What is changed where, and what nobody changes."""
    context = {
        "phone_masked": masked_phone_of(holder.pk),
        "account_id": str(holder.pk),
        "registered": holder.created_at,
        "locked": [why_locked("user.id"), why_locked("user.created_at")],
        "suspended": not holder.is_active,
    }
    return render(request, "privacy/correct.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def number(request: HttpRequest, holder: User) -> HttpResponse:
    """Another number: the old one was proved just before, the new one is proved here."""
    if request.method != "POST":
        return _page(request, holder, NumberForm(), resume(request, CodePurpose.CHANGE_PHONE))
    form = NumberForm(request.POST)
    if request.POST.get("action") == "send_code":
        return _page(request, holder, form, ask(request, form, CodePurpose.CHANGE_PHONE))
    new = _proved(request, form)
    if isinstance(new, CodeStep):
        return _page(request, holder, form, new)
    try:
        change_number(holder=holder, new=new, old=proof_of_holder(request))
    except NumberTaken:
        form.add_error("phone", _("这个号码已经有账号了。请换一个，或者写给我们合并。"))
        return _page(request, holder, form, again(request, status=409))
    except NotProved:
        return to_confirm(request)
    stay_signed_in(request, holder)
    note_proved(request, holder, new)
    return SeeOther(reverse("website:privacy") + "?done=number")


def _proved(request: HttpRequest, form: NumberForm) -> VerificationCode | CodeStep:
    """The proof of the new number; else the step to show again, the reason on the form."""
    if not form.is_valid():
        return again(request)
    tried = attempt(
        request,
        challenge=posted_challenge(request),
        code=form.cleaned_data["code"],
        purpose=CodePurpose.CHANGE_PHONE,
        phone=form.cleaned_data["phone"],
    )
    try:
        return verify_code(tried, address=client_address(request))
    except CodeInvalid as error:
        return refuse(request, form, error)
    except LimitReached as reached:
        form.add_error(None, _("试的次数有点多，%s再试。") % in_words(reached.retry_after))
        return again(request, status=429, retry_after=reached.retry_after)


def _page(request: HttpRequest, holder: User, form: NumberForm, step: CodeStep) -> HttpResponse:
    context = {
        "form": form,
        "phone_masked": masked_phone_of(holder.pk),
        "challenge": step.challenge,
        "sent": step.sent,
        "status_message": step.status_message,
        "wait": step.retry_after,
    }
    return step.dress(request, render(request, "privacy/number.html", context, status=step.status))
