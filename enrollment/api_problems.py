"""What can go wrong with a booking, as callers of the API read it."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.api import ACCOUNT_ERRORS
from accounts.api import as_problem as account_problem
from enrollment.access import own_children
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    Busy,
    IdempotencyConflict,
    SessionClosed,
    SessionElsewhere,
    SessionGone,
    TooLate,
    TooManyLive,
    TooManyOfCourse,
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
    Busy,
    ChildInvalid,
    ChildUnknown,
    IdempotencyConflict,
    SessionElsewhere,
    SessionGone,
    TooLate,
)
# Error, status, code, and the seconds after which to come back.
_PLAIN: tuple[tuple[type[Exception], int, str, int | None], ...] = (
    (Busy, 503, "busy", BUSY_RETRY_AFTER),
    (TooLate, 409, "too_late", None),
    (IdempotencyConflict, 409, "idempotency_conflict", None),
)


def as_problem(error: Exception, request: Request) -> Problem:
    """One of `BOOKING_ERRORS` as an answer."""
    if isinstance(error, AlreadyBooked):
        return _already(error, request)
    if isinstance(error, SessionGone):
        return _gone(error)
    if isinstance(error, AgeUnsuitable | ChildInvalid | ChildUnknown):
        return _about_the_child(error)
    if isinstance(error, SessionElsewhere):
        return Problem(422, "invalid", errors={"session": [_("这节课或这个校区不在所选的城市。")]})
    for kind, status, code, wait in _PLAIN:
        if isinstance(error, kind):
            return Problem(status, code, retry_after=wait)
    return account_problem(error, request)


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
    return Problem(409, "already_booked", booking=shown(request, error.booking))


def _gone(error: SessionGone) -> Problem:
    others = ClassSessionSerializer(error.alternatives, many=True).data
    if isinstance(error, SessionClosed):
        title, detail = _("这节课现在约不了"), _("可以换一节，您填的内容都还在。")
        return Problem(409, "session_full", title, detail, alternatives=others)
    return Problem(409, "session_full", alternatives=others)


def _about_the_child(error: AgeUnsuitable | ChildInvalid | ChildUnknown) -> Problem:
    if isinstance(error, AgeUnsuitable):
        course = error.session.course
        ages = span_in_years(course.age_min_months, course.age_max_months)
        words = _("上课那天孩子 %(age)s，这节课适合 %(ages)s。") % {
            "age": in_years(error.months),
            "ages": ages,
        }
        return Problem(422, "invalid", errors={"child.birth_month": [words]})
    if isinstance(error, ChildInvalid):
        return Problem(422, "invalid", errors={f"child.{error.field}": [str(error.hint)]})
    return Problem(422, "invalid", errors={"child.id": [_("没有找到这个孩子。")]})


def shown(request: Request, booking: TrialBooking) -> object:
    """The booking as this caller may see it."""
    context = {"children": own_children(request._request, [booking])}
    return BookingSerializer(booking, context=context).data
