"""What can go wrong with a booking, as callers of the API read it."""

from __future__ import annotations

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
)
# Error, status, code, and the seconds after which to come back.
_PLAIN: tuple[tuple[type[Exception], int, str, int | None], ...] = (
    (Busy, 503, "busy", BUSY_RETRY_AFTER),
    (HoldTooLate, 410, "expired", None),
    (TooLate, 409, "too_late", None),
    (IdempotencyConflict, 409, "idempotency_conflict", None),
)


def as_problem(error: Exception, request: Request) -> Problem:
    """One of `BOOKING_ERRORS` as an answer."""
    if isinstance(error, AlreadyBooked | BookedByOther | TooManyThisYear):
        return _already(error, request)
    if isinstance(error, SessionGone):
        return _gone(error)
    if isinstance(error, AgeUnsuitable | ChildInvalid | ChildUnknown):
        return _about_the_child(error)
    if isinstance(error, StateChanged):
        moved = _("这次预约之前已经改到别的时间，booking 里是改后的那一个。")
        return Problem(409, "too_late", detail=moved, booking=shown(request, error.booking))
    if isinstance(error, SessionElsewhere):
        return Problem(422, "invalid", errors={"session": [_("这节课或这个校区不在所选的城市。")]})
    if isinstance(error, AlreadyWaiting | NoOffer | SeatFree | TooManyWaiting):
        return _about_waiting(error, request)
    for kind, status, code, wait in _PLAIN:
        if isinstance(error, kind):
            return Problem(status, code, retry_after=wait)
    return account_problem(error, request)


def _already(error: AlreadyBooked | BookedByOther | TooManyThisYear, request: Request) -> Problem:
    if not isinstance(error, AlreadyBooked):
        return _enough(error)
    if isinstance(error, TooManyOfCourse):
        words = _("%(course)s已经约了 %(most)d 节，一个号码最多同时约这么多。")
        said = words % {"course": error.booking.course, "most": error.most}
        return Problem(409, "already_booked", detail=said)
    if isinstance(error, TooManyLive):
        words = _("约好的课已经有 %d 节，取消一节就能再约。")
        if error.booking.session_id is None:
            words = _("等来电的预约已经有 %d 个，取消一个就能再约。")
        return Problem(409, "already_booked", detail=words % error.most)
    return Problem(409, "already_booked", booking=shown(request, error.booking))


def _enough(error: BookedByOther | TooManyThisYear) -> Problem:
    """Nothing of what the child's other guardian booked is told of."""
    if isinstance(error, BookedByOther):
        words = _("%(child)s的%(course)s已经由另一位监护人约好了。") % {
            "child": nth_child(error.place) or _("孩子"),
            "course": error.session.course.name,
        }
        return Problem(409, "already_booked", detail=words)
    words = _("一个号码一年里最多约 %(most)d 节免费试听。还想来，请打校区电话 %(phone)s 商量。") % {
        "most": error.most,
        "phone": error.campus.phone,
    }
    return Problem(409, "already_booked", _("今年的试听约满了"), words)


def _gone(error: SessionGone) -> Problem:
    others = ClassSessionSerializer(error.alternatives, many=True).data
    if isinstance(error, SessionClosed):
        title, detail = _("这节课现在约不了"), _("可以换一节，您填的内容都还在。")
        return Problem(409, "session_full", title, detail, alternatives=others)
    if error.seats > 1:
        detail = why_not(error.session, timezone.now(), error.seats)
        return Problem(409, "session_full", detail=detail, alternatives=others)
    return Problem(409, "session_full", alternatives=others)


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
    more = {"entry": {"id": error.entry.public_id}} if own else {}
    words = _("轮到的时候会发短信，不用再加一次。")
    return Problem(409, "already_booked", _("这节课已经在候补了"), words, **more)


def _about_the_child(error: AgeUnsuitable | ChildInvalid | ChildUnknown) -> Problem:
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
