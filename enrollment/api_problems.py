"""What can go wrong with a booking, as callers of the API read it."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.api import ACCOUNT_ERRORS
from accounts.api import as_problem as account_problem
from accounts.browser import guardian_in
from enrollment.access import own_children, own_parties
from enrollment.class_words import nth_child, why_not
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    AlreadyWaiting,
    BookedByOther,
    Busy,
    HoldTooLate,
    IdempotencyConflict,
    NoOffer,
    SeatFree,
    SessionClosed,
    SessionElsewhere,
    SessionGone,
    StateChanged,
    TooLate,
    TooManyLive,
    TooManyOfCourse,
    TooManyThisYear,
    TooManyWaiting,
)
from enrollment.models import TrialBooking
from enrollment.serializers import BookingSerializer, ClassSessionSerializer
from enrollment.services.seats import BUSY_RETRY_AFTER
from kit.months import in_years, span_in_years
from kit.problem_json import Problem
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.rights.exceptions import UseBarred

BOOKING_ERRORS = (
    *ACCOUNT_ERRORS,
    AgeUnsuitable,
    AlreadyBooked,
    AlreadyWaiting,
    BookedByOther,
    Busy,
    ChildInvalid,
    ChildUnknown,
    IdempotencyConflict,
    NoOffer,
    SeatFree,
    SessionElsewhere,
    SessionGone,
    StateChanged,
    TooLate,
    TooManyThisYear,
    TooManyWaiting,
    UseBarred,
)


@singledispatch
def as_problem(error: Exception, request: Request) -> Problem:
    """One of `BOOKING_ERRORS` as an answer."""
    return account_problem(error, request)


@as_problem.register
def _busy(error: Busy, request: Request) -> Problem:
    return Problem(503, "busy", retry_after=BUSY_RETRY_AFTER)


@as_problem.register
def _too_late(error: TooLate, request: Request) -> Problem:
    if isinstance(error, HoldTooLate):
        return Problem(410, "expired")
    return Problem(409, "too_late")


@as_problem.register
def _barred(error: UseBarred, request: Request) -> Problem:
    """Whoever restricted or withdrew, once they are proved to be it."""
    return Problem(403, "forbidden", detail=error.words)


@as_problem.register
def _conflict(error: IdempotencyConflict, request: Request) -> Problem:
    return Problem(409, "idempotency_conflict")


@as_problem.register
def _changed(error: StateChanged, request: Request) -> Problem:
    moved = _("这次预约之前已经改到别的时间，booking 里是改后的那一个。")
    return Problem(409, "too_late", detail=moved, booking=shown(request, error.booking))


@as_problem.register
def _elsewhere(error: SessionElsewhere, request: Request) -> Problem:
    return Problem(422, "invalid", errors={"session": [_("这节课或这个校区不在所选的城市。")]})


@as_problem.register
def _already(error: AlreadyBooked, request: Request) -> Problem:
    if isinstance(error, TooManyOfCourse):
        words = _("%(course)s已经约了 %(most)d 节，一个号码最多同时约这么多。")
        said = words % {"course": error.booking.course, "most": error.most}
        return Problem(409, "already_booked", detail=said)
    if isinstance(error, TooManyLive):
        words = _("约好的课已经有 %d 节，取消一节就能再约。")
        if error.booking.session_id is None:
            words = _("等来电的预约已经有 %d 个，取消一个就能再约。")
        return Problem(409, "already_booked", detail=words % error.most)
    # Whoever came by the link of one booking is not told of another.
    guardian = guardian_in(request._request)
    own = guardian is not None and guardian.pk == error.booking.guardian_id
    more: dict[str, Any] = {"booking": shown(request, error.booking)} if own else {}
    return Problem(409, "already_booked", **more)


@as_problem.register
def _by_other(error: BookedByOther, request: Request) -> Problem:
    """Nothing is told of what the child's other guardian booked."""
    words = _("%(child)s的%(course)s已经由另一位监护人约好了。") % {
        "child": nth_child(error.place) or _("孩子"),
        "course": error.session.course.name,
    }
    return Problem(409, "already_booked", detail=words)


@as_problem.register
def _enough_this_year(error: TooManyThisYear, request: Request) -> Problem:
    words = _("一个号码一年里最多约 %(most)d 节免费试听。还想来，请打校区电话 %(phone)s 商量。") % {
        "most": error.most,
        "phone": error.campus.phone,
    }
    return Problem(409, "already_booked", _("今年的试听约满了"), words)


@as_problem.register
def _gone(error: SessionGone, request: Request) -> Problem:
    others = ClassSessionSerializer(error.alternatives, many=True).data
    if isinstance(error, SessionClosed):
        title, detail = _("这节课现在约不了"), _("可以换一节，您填的内容都还在。")
        return Problem(409, "session_full", title, detail, alternatives=others)
    if error.seats > 1:
        detail = why_not(error.session, timezone.now(), error.seats)
        return Problem(409, "session_full", detail=detail, alternatives=others)
    return Problem(409, "session_full", alternatives=others)


@as_problem.register
def _about_waiting(error: AlreadyWaiting | NoOffer | SeatFree | TooManyWaiting, request: Request) -> Problem:
    if isinstance(error, NoOffer):
        return Problem(409, "not_ready", detail=_("还没有空出座位，有了会发短信给您。"))
    if isinstance(error, SeatFree):
        free = [ClassSessionSerializer(error.session).data]
        return Problem(
            422, "invalid", errors={"sessions": [_("这节课有空位，可以直接约。")]}, alternatives=free
        )
    if isinstance(error, TooManyWaiting):
        words = _("正在候补的已经有 %d 个，退出一个就能再候补。") % error.most
        return Problem(409, "already_booked", _("候补得有点多了"), words)
    guardian = guardian_in(request._request)
    own = guardian is not None and guardian.pk == error.entry.guardian_id
    more: dict[str, Any] = {"entry": {"id": error.entry.public_id}} if own else {}
    words = _("轮到的时候会发短信，不用再加一次。")
    return Problem(409, "already_booked", _("这节课已经在候补了"), words, **more)


@as_problem.register
def _about_the_child(error: AgeUnsuitable | ChildInvalid | ChildUnknown, request: Request) -> Problem:
    """Beside what was sent of that child: by its place, never by its name."""
    of = f"siblings.{error.place - 2}" if error.place > 1 else "child"
    if isinstance(error, ChildInvalid):
        return Problem(422, "invalid", errors={f"{of}.{error.field}": [str(error.hint)]})
    if isinstance(error, ChildUnknown):
        return Problem(422, "invalid", errors={f"{of}.id": [_("没有找到这个孩子。")]})
    course = error.session.course
    ages = span_in_years(course.age_min_months, course.age_max_months)
    words = _("上课那天孩子的年龄不合适，这节课适合 %s。") % ages
    if error.months is not None:
        words = _("上课那天%(child)s %(age)s，这节课适合 %(ages)s。") % {
            "child": nth_child(error.place) or _("孩子"),
            "age": in_years(error.months),
            "ages": ages,
        }
    return Problem(422, "invalid", errors={f"{of}.birth_month": [words]})


def shown(request: Request, booking: TrialBooking) -> object:
    """The booking as this caller may see it."""
    plain = request._request
    context = {"children": own_children(plain, [booking]), "parties": own_parties(plain, [booking])}
    return BookingSerializer(booking, context=context).data
