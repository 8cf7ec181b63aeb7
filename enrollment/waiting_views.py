"""The parent's pages of the waiting list: one's place, leaving, and the answer to a seat that is offered."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.browser import guardian_in
from enrollment.access import actor_in, booking_for, entry_for
from enrollment.exceptions import AlreadyBooked, Busy, HoldTooLate, NoOffer
from enrollment.models import TrialBooking
from enrollment.presenters import details
from enrollment.services.seats import BUSY_RETRY_AFTER
from enrollment.services.waitlist import accept, leave
from enrollment.waiting_page import waiting_of
from kit.see_other import SeeOther
from privacy.rights.exceptions import UseBarred

_FORBIDDEN, _GONE = 403, 410


@never_cache
@require_safe
def waiting(request: HttpRequest, public_id: str) -> HttpResponse:
    """One's place in line, for whoever is signed in as its guardian."""
    entry = entry_for(request, public_id)
    (shown,) = waiting_of([entry], timezone.now())
    return render(request, "enrollment/waiting.html", {"waiting": shown})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave_list(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks, POST acts."""
    entry, busy = entry_for(request, public_id), ""
    if request.method == "POST":
        try:
            entry = leave(entry=entry, by=actor_in(request))
        except AlreadyBooked as booked:
            return SeeOther(booked.booking.get_absolute_url())
        except Busy:
            busy = _("这会儿人多，没有退成。过几秒再按一次就行。")
        else:
            return SeeOther(entry.get_absolute_url())
    (shown,) = waiting_of([entry], timezone.now())
    return _again(request, "enrollment/waiting_leave.html", {"waiting": shown, "busy": busy}, busy)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_offer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the seat, by its guardian or by the link in the message. Its own page asks, POST acts."""
    row = booking_for(request, public_id)
    if request.method != "POST" or row.waitlist_entry is None:
        return redirect(row)
    try:
        return SeeOther(accept(entry=row.waitlist_entry, by=actor_in(request)).get_absolute_url())
    except (HoldTooLate, NoOffer):
        return _gone(request, row)
    except UseBarred as barred:
        context = {**details(row, timezone.now()), "accepts": True, "busy": barred.words}
        return render(request, "enrollment/offer.html", context, status=_FORBIDDEN)
    except Busy:
        busy = _("这会儿人多，没有确认成。座位还给您留着，过几秒再按一次就行。")
    return _again(request, "enrollment/offer.html", {**details(row, timezone.now()), "accepts": True}, busy)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decline_offer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the seat to the next in line. GET asks, POST acts."""
    row, busy = booking_for(request, public_id), ""
    if row.waitlist_entry is None:
        return redirect(row)
    if request.method == "POST":
        guardian = guardian_in(request)
        own = guardian is not None and guardian.pk == row.guardian_id
        try:
            entry = leave(entry=row.waitlist_entry, by=actor_in(request))
        except AlreadyBooked:
            return SeeOther(row.get_absolute_url())
        except Busy:
            busy = _("这会儿人多，没有成。过几秒再按一次就行。")
        else:
            return SeeOther(entry.get_absolute_url() if own else row.get_absolute_url())
    return _again(request, "enrollment/offer.html", details(row, timezone.now()), busy)


def _gone(request: HttpRequest, row: TrialBooking) -> HttpResponse:
    context = {**details(row, timezone.now()), "late": True}
    return render(request, "enrollment/offer.html", context, status=_GONE)


def _again(request: HttpRequest, template: str, context: dict[str, object], busy: str) -> HttpResponse:
    """The page that asks; after it could not act, to be posted once more."""
    response = render(request, template, {**context, "busy": busy}, status=503 if busy else 200)
    if busy:
        response["Retry-After"] = str(BUSY_RETRY_AFTER)
    return response
