"""The guardian's own pages: what is next, and all of their bookings."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.browser import guardian_in
from accounts.models import User
from accounts.services.consents import agree_to, wants_offers, withdraw_from
from accounts.services.guardians import masked_phone_of
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.presenters import summary
from enrollment.waiting_page import waiting_of
from enrollment.waiting_words import Waiting
from kit.limiter import LimitReached
from kit.see_other import SeeOther
from privacy.consent.declarations import declaration_text
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose
from privacy.rights.services.restricting import why_barred

_A_PAGE = 10
_NEXT = 3  # of what is to come, on the first page of the account
_MOST_AHEAD = 50  # as many as one may have at once, and more


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What is next, and the way to everything of one's own."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login(request)
    now = timezone.now()
    ahead = TrialBooking.objects.of(guardian.pk).ahead(now).without_offers().soonest_first()
    rows = [summary(booking) for booking in ahead[: _NEXT + 1]]
    context = {
        "phone_masked": masked_phone_of(guardian.pk),
        "bar": why_barred(guardian.pk),
        "waiting": _waiting(guardian, now),
        "bookings": rows[:_NEXT],
        "more": len(rows) > _NEXT,
        "offers": wants_offers(guardian=guardian),
        "declaration": declaration_text(ActingRole.GUARDIAN_OR_AUTHORISED),
    }
    return render(request, "website/account.html", context)


@never_cache
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """All bookings: first what is to come, the soonest first, then what was, the newest first, by pages."""
    guardian = guardian_in(request)
    if guardian is None:
        return _to_login(request)
    mine, now = TrialBooking.objects.of(guardian.pk), timezone.now()
    page = Paginator(mine.behind(now).newest_first(), _A_PAGE).get_page(request.GET.get("page"))
    first = page.number == 1
    ahead = mine.ahead(now).without_offers().soonest_first()[:_MOST_AHEAD] if first else []
    context = {
        "waiting": _waiting(guardian, now) if first else [],
        "ahead": [summary(booking) for booking in ahead],
        "behind": [summary(booking) for booking in page],
        "page": page,
    }
    return render(request, "website/account_bookings.html", context)


@require_POST
def offers(request: HttpRequest) -> HttpResponse:
    """Let us send offers by message, or no longer. Pressing what is so already changes nothing."""
    guardian = guardian_in(request)
    if guardian is None:
        return SeeOther(f"{reverse('accounts:login')}?{urlencode({'next': reverse('website:account')})}")
    purpose = ConsentPurpose.MARKETING_SMS
    if request.POST.get("offers") == "yes":
        with suppress(LimitReached):  # of somebody who plays with it: it stays off, as the page then shows
            agree_to(guardian=guardian, purpose=purpose, channel=Channel.WEB)
    else:
        withdraw_from(guardian=guardian, purpose=purpose, channel=Channel.WEB)
    return SeeOther(reverse("website:account") + "#messages")


def _waiting(guardian: User, at: datetime) -> list[Waiting]:
    """Where they wait for a seat, or have one to answer."""
    return waiting_of(list(WaitlistEntry.objects.of(guardian.pk).open().newest_first()), at)


def _to_login(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('accounts:login')}?{urlencode({'next': request.path})}")
