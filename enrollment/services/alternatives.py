"""What else can be booked when a class cannot: the nearest to what was wanted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import cos, radians

from django.db.models import Case, DurationField, Expression, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Abs, Extract, ExtractMonth, ExtractYear

from courses.models import Campus
from enrollment.models import ClassSession, ClassSessionQuerySet

_MOST_HERE, _MOST_AROUND = 18, 12
_ENOUGH = 6  # from so many on nobody is shown another course


def find_alternatives(
    *, session: ClassSession, at: datetime, limit: int = 3, months: Collection[int] = (), seats: int = 1
) -> list[ClassSession]:
    """Up to ``limit`` other classes that can be booked at ``at``; none only if nothing can be booked.

    First other times of the course at the campus; then the course at other campuses of the city; then
    whatever the city has, for children of that age first; then the nearest elsewhere. Among equals the nearer
    campus, then the nearer time. Four queries at most. With ``months``, the ages of children on the day of
    ``session``, only classes for the ages all of them will have on theirs; ``seats`` are free in each.
    """
    found: list[ClassSession] = []
    for circle in _circles(session, _free(session, at, months, seats)):
        found += circle.exclude(pk__in=[session.pk, *(one.pk for one in found)])[: limit - len(found)]
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Where a family can move to: the course at its campus, at others of the city, and what else there is."""

    here: list[ClassSession]
    around: list[ClassSession]
    other: list[ClassSession]
    """Looked for only while the first two are few."""

    def __bool__(self) -> bool:
        return bool(self.here or self.around or self.other)


def find_elsewhere(*, session: ClassSession, at: datetime, months: Collection[int] = ()) -> Elsewhere:
    """Other classes with a seat at ``at`` in place of ``session``, as `find_alternatives` finds them.

    Here those nearest in time, in order of time; around the nearer campus first.
    """
    free = _free(session, at, months, 1).exclude(pk=session.pk)
    circles = iter(_circles(session, free))
    here = list(next(circles)[:_MOST_HERE])
    around = list(next(circles).exclude(campus_id=session.campus_id)[:_MOST_AROUND])
    other: list[ClassSession] = []
    known = [one.pk for one in (*here, *around)]
    while len(known) < _ENOUGH and (circle := next(circles, None)) is not None:
        more = list(circle.exclude(pk__in=known)[: _ENOUGH - len(known)])
        other += more
        known += [one.pk for one in more]
    return Elsewhere(here=sorted(here, key=lambda one: one.starts_at), around=around, other=other)


def full_alike(*, session: ClassSession, at: datetime, limit: int) -> list[ClassSession]:
    """Other full classes of the course in the city: the nearer campus first, then the nearer time."""
    alike = ClassSession.objects.upcoming(at).in_city(session.campus.city).of_course(session.course)
    near, soon = _distance(session.campus), _from(session.starts_at)
    return list(alike.full().exclude(pk=session.pk).in_order().order_by(near, soon, "pk")[:limit])


def _free(session: ClassSession, at: datetime, months: Collection[int], seats: int) -> ClassSessionQuerySet:
    free = ClassSession.objects.bookable(at, seats=seats).in_order()
    if not months:
        return free
    now = session.local_date.year * 12 + session.local_date.month
    later = ExtractYear("local_date") * 12 + ExtractMonth("local_date") - now
    return free.alias(youngest=later + min(months), oldest=later + max(months)).filter(
        course__age_min_months__lte=F("youngest"), course__age_max_months__gte=F("oldest")
    )


def _circles(session: ClassSession, free: ClassSessionQuerySet) -> Iterable[ClassSessionQuerySet]:
    in_city = free.filter(campus__city_id=session.campus.city_id)
    near, soon = _distance(session.campus), _from(session.starts_at)
    yield in_city.filter(campus_id=session.campus_id, course_id=session.course_id).order_by(soon, "pk")
    yield in_city.filter(course_id=session.course_id).order_by(near, soon, "pk")
    yield in_city.order_by(_for_other_ages(session), near, soon, "pk")
    yield free.order_by(near, _for_other_ages(session), soon, "pk")


def _distance(campus: Campus) -> Expression:
    """Orders campuses by their distance: squared degrees on a flat map, meridians drawn together."""
    squeeze = Decimal(str(round(cos(radians(campus.latitude)), 6)))
    north = F("campus__latitude") - Value(campus.latitude)
    east = (F("campus__longitude") - Value(campus.longitude)) * Value(squeeze)
    return north * north + east * east


def _from(moment: datetime) -> Expression:
    """Seconds between a class and a moment, before or after it."""
    apart = ExpressionWrapper(F("starts_at") - Value(moment), output_field=DurationField())
    return Abs(Extract(apart, "epoch"))


def _for_other_ages(session: ClassSession) -> Expression:
    """0 for courses that share an age with the course of ``session``, 1 for the rest."""
    shared = Q(
        course__age_min_months__lte=session.course.age_max_months,
        course__age_max_months__gte=session.course.age_min_months,
    )
    return Case(When(shared, then=Value(0)), default=Value(1))
