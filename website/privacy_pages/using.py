"""How what is held may be used: left alone and used again, every consent taken back and given again."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import AgreementsForm
from accounts.models import User
from accounts.services.consents import agree_to, withdraw_from
from accounts.services.guardians import guardian_actor
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from privacy import ports
from privacy.consent.choices import OPTIONAL
from privacy.consent.enums import Channel, ConsentPurpose
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.consent.services import current_versions
from privacy.rights.enums import Bar
from privacy.rights.exceptions import ErasureBegun, RequestUnknown, StillWithdrawn
from privacy.rights.services.restricting import lift, why_barred
from privacy.rights.services.withdrawing import agree_again, withdraw_all
from website.services.own_requests import count_request
from website.services.own_rights import restrict_now
from website.services.receipts import given_receipt
from website.step_up import for_fresh, for_holder, fresh, to_confirm


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
def restrict(request: HttpRequest, holder: User) -> HttpResponse:
    """GET says what stops; POST stops it, or lets it go on again."""
    if request.method != "POST":
        context = {
            "bar": why_barred(holder.pk),
            "ends": ports.get("service_of").what_ends(holder.pk),
            "fresh": fresh(request),
        }
        return render(request, "privacy/restrict.html", context)
    if not fresh(request):
        return to_confirm(request)
    if request.POST.get("action") == "lift":
        return _lift(holder)
    with suppress(LimitReached):  # it stays as it is, as the page then shows
        restrict_now(holder=holder)
    return _home("restricted" if why_barred(holder.pk) else "too_often")


def _lift(holder: User) -> HttpResponse:
    try:
        lift(subject_id=holder.pk, by=guardian_actor(holder))
    except StillWithdrawn:
        return SeeOther(reverse("website:privacy-withdraw"))
    except RequestUnknown:
        return _home("restricted_by_staff")
    return _home("lifted")


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def withdraw(request: HttpRequest, holder: User) -> HttpResponse:
    """GET says what ends and what does not; POST ends it. Where it has ended: agreeing again."""
    if request.method == "POST":
        made = withdraw_all(subject_id=holder.pk, by=guardian_actor(holder), channel=Channel.WEB)
        given_receipt(made)
        return SeeOther(reverse("website:own-request", args=[made.public_id]))
    if why_barred(holder.pk) == Bar.WITHDRAWN:
        return _again(request, _agreements())
    context = {"ends": ports.get("service_of").what_ends(holder.pk)}
    return render(request, "privacy/withdraw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_holder
@for_fresh
def agree(request: HttpRequest, holder: User) -> HttpResponse:
    """Agree again, to the versions in force; then everything goes on. A GET, back from a code, asks anew."""
    if request.method != "POST":
        return SeeOther(reverse("website:privacy-withdraw"))
    form = AgreementsForm(request.POST)
    if not form.is_valid():
        return _again(request, form, status=422)
    try:
        count_request(holder)  # a withdrawal is never too many; one yes after the other is
        agree_again(
            subject_id=holder.pk,
            agreements=form.agreements(current_versions()),
            by=guardian_actor(holder),
            channel=Channel.WEB,
        )
    except (AgreementsRequired, DocumentStale):
        return _again(request, _agreements(), status=409, said=_("协议刚刚更新，请看过新版本再勾选。"))
    except ErasureBegun:
        return _home("erasure_begun")
    except LimitReached:
        return _home("too_often")
    return _home("agreed")


@require_POST
@for_holder
def consent(request: HttpRequest, holder: User) -> HttpResponse:
    """One optional use: no longer, or again. Pressing what is so already changes nothing."""
    purpose = request.POST.get("purpose", "")
    if purpose not in OPTIONAL:
        return _home("")
    wanted = ConsentPurpose(purpose)
    if request.POST.get("state") == "yes":
        with suppress(LimitReached):  # of somebody who plays with it: it stays off, as the page then shows
            agree_to(guardian=holder, purpose=wanted, channel=Channel.WEB)
    else:
        withdraw_from(guardian=holder, purpose=wanted, channel=Channel.WEB)
    return SeeOther(reverse("website:privacy") + "#consents")


def _agreements() -> AgreementsForm:
    versions = {f"{document}_version": version for document, version in current_versions().items()}
    return AgreementsForm(initial=versions)


def _again(request: HttpRequest, form: AgreementsForm, *, status: int = 200, said: str = "") -> HttpResponse:
    return render(request, "privacy/agree.html", {"agreements": form, "said": said}, status=status)


def _home(done: str) -> HttpResponse:
    return SeeOther(f"{reverse('website:privacy')}?{urlencode({'done': done})}")
