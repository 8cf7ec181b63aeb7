"""Asking anything of us, without a login and in one form."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.browser import holder_in
from accounts.models import User
from accounts.services.guardians import guardian_actor
from kit.client_address import client_address
from kit.limiter import LimiterUnavailable, LimitReached
from kit.see_other import SeeOther
from kit.waiting import in_words
from privacy.actors import ANONYMOUS
from privacy.rights.enums import OnBehalf
from privacy.rights.services.door import ask_at_the_door
from privacy.rights.services.filing import Asked
from website.ask_forms import AskForm, ReceiptForm
from website.services.asking_by_api import NEED_FRESH
from website.step_up import fresh

_SALT = "form of the open door"
_FORM_LIVES = 24 * 3600  # seconds for which a form posted again is the same request
_BUSY = 60  # seconds


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form, for anybody; and the field for a receipt number."""
    if request.method != "POST":
        return _page(request, _empty(about=request.GET.getlist("about")))
    if request.POST.get("action") == "follow":
        return _to_follow(request)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        receipt = _filed(request, form)
    except LimitReached as reached:
        wait = in_words(reached.retry_after)
        form.add_error(None, _("这个网络提交得有点多，%s再试；着急就打电话。") % wait)
        return _page(request, form, status=429, retry_after=reached.retry_after)
    except LimiterUnavailable:
        form.add_error(None, _("这会儿收不下，不是您的问题。过一两分钟再提交一次，着急就打电话。"))
        return _page(request, form, status=503, retry_after=_BUSY)
    return SeeOther(f"{reverse('website:follow', args=[receipt])}?new")


def _to_follow(request: HttpRequest) -> HttpResponse:
    form = ReceiptForm(request.POST)
    if form.is_valid():
        return SeeOther(reverse("website:follow", args=[form.cleaned_data["receipt"]]))
    return _page(request, _empty(), receipt_form=form, status=422)


def _filed(request: HttpRequest, form: AskForm) -> str:
    """The receipt number of what was asked. Raises LimitReached, LimiterUnavailable."""
    asked = form.cleaned_data
    holder = _known_enough(request, asked["about"], asked["for_whom"])
    filed = ask_at_the_door(
        asked=Asked(
            kinds=asked["about"],
            on_behalf=OnBehalf(asked["for_whom"] or OnBehalf.SELF),
            words=asked["words"],
            phone=None if holder else asked["phone"] or None,
        ),
        subject_id=holder.pk if holder else None,
        form_key=_key_of(asked["key"]),
        address=client_address(request),
        by=guardian_actor(holder) if holder else ANONYMOUS,
    )
    return filed.receipt or ""


def _known_enough(request: HttpRequest, kinds: Sequence[str], for_whom: str) -> User | None:
    """Whoever is signed in, if that is proof enough for what they ask.

    What the account's own pages ask a fresh code for waits here for one too, as from anybody.
    """
    holder = holder_in(request)
    delicate = for_whom == OnBehalf.WARD or not set(kinds).isdisjoint(NEED_FRESH)
    return holder if holder and (fresh(request) or not delicate) else None


def _empty(about: Sequence[str] = ()) -> AskForm:
    """A form to fill in. Its key makes two taps one request, and is signed: nobody chooses another's."""
    key = signing.TimestampSigner(salt=_SALT).sign(secrets.token_urlsafe(16))
    return AskForm(initial={"about": list(about), "key": key})


def _key_of(posted: str) -> str:
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(posted, max_age=_FORM_LIVES)
    except signing.BadSignature:
        return secrets.token_urlsafe(16)


def _page(
    request: HttpRequest,
    form: AskForm,
    *,
    receipt_form: ReceiptForm | None = None,
    status: int = 200,
    retry_after: int | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "receipt_form": receipt_form or ReceiptForm(),
        "signed_in": holder_in(request) is not None,
        "own_page": reverse("website:privacy"),
    }
    response = render(request, "website/ask.html", context, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response
