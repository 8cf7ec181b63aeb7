"""The pages on which a family answers for a booking: it comes, or to another class instead."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from enrollment.access import actor_in, booking_for, siblings_in
from enrollment.enums import LIVE
from enrollment.exceptions import StateChanged, TooLate
from enrollment.forms import is_name
from enrollment.models import TrialBooking
from enrollment.move_offers import sections_for
from enrollment.move_refusals import MOVE_REFUSED, why_not_moved
from enrollment.presenters import details
from enrollment.services.answers import keep_trial
from enrollment.services.classes import find_class
from enrollment.services.moves import move_trial
from enrollment.services.succession import newest
from enrollment.trial_refusals import Refusal
from kit.see_other import SeeOther

_ASK = Refusal(words="", status=200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reschedule(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET shows where it can be moved to, POST moves it. The old page leads to where it is now."""
    row = booking_for(request, public_id)
    if request.method != "POST":
        now_in = newest(row)
        if now_in.pk != row.pk:
            return redirect("enrollment:reschedule", now_in.public_id)
        return _choose(request, row, _ASK)
    chosen = request.POST.get("session", "")
    session = find_class(public_id=chosen) if is_name(chosen) else None
    if session is None:
        return _choose(request, row, Refusal(words=_("请先选一节。"), status=422))
    try:
        return SeeOther(move_trial(booking=row, session=session, by=actor_in(request)).get_absolute_url())
    except MOVE_REFUSED as error:
        if isinstance(error, StateChanged | TooLate):
            row = error.booking
        return _choose(request, row, why_not_moved(error))


def _choose(request: HttpRequest, row: TrialBooking, refusal: Refusal) -> HttpResponse:
    """The classes as they are now, and why the last choice could not be had."""
    now = timezone.now()
    context = details(row, now) | {"together": any(one.state in LIVE for one in siblings_in(request, row))}
    actor = actor_in(request)
    if context["can_move"]:
        context["sections"] = sections_for(row, now, for_guardian=actor.id == row.guardian_id)
    context |= {"refusal": refusal, "chosen": request.POST.get("session", "")}
    response = render(request, "enrollment/move.html", context, status=refusal.status)
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET asks whether they come, POST notes that they do."""
    row, status = booking_for(request, public_id), 200
    if request.method == "POST":
        try:
            return SeeOther(keep_trial(booking=row, by=actor_in(request)).get_absolute_url())
        except StateChanged as changed:
            return SeeOther(changed.booking.get_absolute_url())
        except TooLate as late:
            row, status = late.booking, 409
    elif (now_in := newest(row)).pk != row.pk:
        return redirect("enrollment:keep", now_in.public_id)
    return render(request, "enrollment/keep.html", details(row, timezone.now()), status=status)
