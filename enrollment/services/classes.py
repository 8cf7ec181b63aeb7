"""Classes: found, locked, and moved on by the clock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from courses.models import Campus, City, Programme
from enrollment.enums import SessionState
from enrollment.models import ClassSession, ClassSessionQuerySet
from enrollment.services.attendance import close_attendance, lapse_unmarked


def find_class(*, public_id: str) -> ClassSession | None:
    """The class of that name with its place and course, whatever has become of it; None for a draft."""
    return ClassSession.objects.shown().filter(public_id=public_id).first()


def free_classes(
    *,
    at: datetime,
    city: City | None = None,
    campus: Campus | None = None,
    programme: Programme | None = None,
    limit: int = 20,
) -> list[ClassSession]:
    """The next classes with a free seat, the soonest first; one query."""
    wanted = {"campus__city": city, "campus": campus, "course__programme": programme}
    given = {name: value for name, value in wanted.items() if value is not None}
    return list(ClassSession.objects.bookable(at).filter(**given).in_order()[:limit])


def advance_classes() -> int:
    """Begin and end classes as the clock says, and settle the attendance of those that ended; how many moved.

    What somebody else holds is left for the next minute.
    """
    at = timezone.now()
    due = ClassSession.objects.filter(starts_at__lte=at)
    begun = _move(due.filter(state__in=[SessionState.OPEN, SessionState.CLOSED]), SessionState.STARTED)
    ended = _move(due.filter(state=SessionState.STARTED, ends_at__lte=at), SessionState.FINISHED)
    close_attendance()
    lapse_unmarked()
    return begun + ended


@transaction.atomic
def _move(due: ClassSessionQuerySet, to: SessionState) -> int:
    rows = due.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    return ClassSession.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(state=to)
