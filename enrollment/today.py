"""The page of the day at a campus: who comes to which class, noted on a phone. Without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.policies import campus_scope
from enrollment.board import Asked, board_of
from enrollment.desk import booking_at_the_desk, for_the_desk, staff_in
from enrollment.desk_forms import CampusForm, FindForm
from enrollment.exceptions import StateChanged, TooEarly, TooLate
from enrollment.models import TrialBooking
from enrollment.services.attendance import check_in, mark_came_late, mark_no_show, undo_check_in
from enrollment.state_words import state_in_words
from kit.see_other import SeeOther


@never_cache
@require_safe
@for_the_desk
def today(request: HttpRequest) -> HttpResponse:
    """The classes of a day, by the clock, with those expected."""
    return _page(request, Asked.read(request.GET))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_desk
def arrive(request: HttpRequest, public_id: str) -> HttpResponse:
    """The family is here."""
    return _take(request, public_id, check_in)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_desk
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """It was another family."""
    return _take(request, public_id, undo_check_in)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_desk
def stay_away(request: HttpRequest, public_id: str) -> HttpResponse:
    """The class has begun without them."""
    return _take(request, public_id, mark_no_show)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_the_desk
def come_late(request: HttpRequest, public_id: str) -> HttpResponse:
    """They came after all."""
    return _take(request, public_id, mark_came_late)


def _take(request: HttpRequest, public_id: str, step: Callable[..., TrialBooking]) -> HttpResponse:
    """Take the step and lead back to the row; where it cannot be taken, the row stays as it truly stands."""
    if request.method != "POST":  # a reload, or back from the door
        return SeeOther(reverse("desk:today"))
    booking = booking_at_the_desk(request, public_id)
    asked = Asked.read(request.POST)
    try:
        step(booking=booking, by=staff_in(request))
    except (StateChanged, TooLate) as refusal:
        return _page(request, asked, refusal)
    return SeeOther(f"{reverse('desk:today')}?{asked.query}#b-{booking.public_id}")


def _page(request: HttpRequest, asked: Asked, refusal: StateChanged | TooLate | None = None) -> HttpResponse:
    board = board_of(scope=campus_scope(request.user), asked=asked, at=timezone.now())
    context = {
        "board": board,
        "find": FindForm(initial={"q": asked.words}),
        "choose": CampusForm(board.campuses, chosen=asked.campus, all_shown=not board.must_choose),
        "refused": refusal.booking if refusal else None,
        "refusal": _in_words(refusal) if refusal else "",
    }
    return render(request, "staff/today.html", context, status=409 if refusal else 200)


def _in_words(refusal: StateChanged | TooLate) -> str:
    booking = refusal.booking
    if isinstance(refusal, StateChanged):
        words = _("%(reference)s 刚刚被别人处理了，现在是：%(state)s。")
        return words % {"reference": booking.reference, "state": state_in_words(booking)}
    if isinstance(refusal, TooEarly):
        opens = timezone.localtime(refusal.opens)
        return _("还没到时候，%s 开始。") % date_format(opens, "n 月 j 日 H:i")
    return _("这节课的签到已经结束。")
