"""What else can be booked when a class cannot: the nearest to what was wanted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from math import cos, radians

from django.db.models import Case, DurationField, Expression, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import Abs, Extract, ExtractMonth, ExtractYear

from courses.models import Campus
from enrollment.models import ClassSession, ClassSessionQuerySet


def find_alternatives(
    *, session: ClassSession, at: datetime, limit: int = 3, months: int | None = None
) -> list[ClassSession]:
    """Up to ``limit`` other classes that can be booked at ``at``; none only if nothing can be booked.

    First other times of the course at the campus; then the course at other campuses of the city; then
    whatever the city has, for children of that age first; then the nearest elsewhere. Among equals the nearer
    campus, then the nearer time. Four queries at most. With ``months``, the age of a child on the day of
    ``session``, only classes for the age it will have on theirs.
    """
    found: list[ClassSession] = []
    for circle in _circles(session, _free(session, at, months)):
        found += circle.exclude(pk__in=[session.pk, *(one.pk for one in found)])[: limit - len(found)]
        if len(found) == limit:
            break
    return found


def _free(session: ClassSession, at: datetime, months: int | None) -> ClassSessionQuerySet:
    free = ClassSession.objects.bookable(at).in_order()
    if months is None:
        return free
    born = session.local_date.year * 12 + session.local_date.month - months
    age = ExtractYear("local_date") * 12 + ExtractMonth("local_date") - born
    return free.alias(age=age).filter(
        course__age_min_months__lte=F("age"), course__age_max_months__gte=F("age")
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
