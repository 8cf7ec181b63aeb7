"""Classes for the demo: the coming weeks at every campus, the same for the same day wherever it is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Prefetch
from django.utils import timezone

from courses.models import Campus, Course, Room, Teacher
from courses.services.hours import rests_on
from enrollment.enums import SessionState
from enrollment.models import ClassSession
from enrollment.policies import BOOKING_CLOSES

# An hour and a half apart, and no class of the demo is longer: none overlaps another.
_AFTERNOON = (time(15), time(16, 30))
_WEEKEND = (time(10), time(13, 30), *_AFTERNOON)
_LONGEST = 90  # minutes
_SATURDAY = 5
_BATCH = 2000


@transaction.atomic
def keep_classes_rolling(*, days: int = 28) -> int:
    """Fill the coming ``days``, today included; how many classes were made.

    A day at a campus that has any class already, of whatever state, is left as it is: what staff planned
    or called off stays, and doing it again makes nothing. No class on rest days and statutory holidays.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('enrollment.keep_classes_rolling'))")
    now = timezone.now()
    coming = [timezone.localdate(now) + timedelta(days=ahead) for ahead in range(days)]
    there = ClassSession.objects.from_day(coming[0]).to_day(coming[-1]).order_by()
    planned = set(there.values_list("campus_id", "local_date").distinct())
    courses = list(Course.objects.offered().filter(minutes__lte=_LONGEST))
    made = [
        session
        for campus in _campuses()
        for day in coming
        if (campus.pk, day) not in planned and not rests_on(campus=campus, day=day)
        for session in _classes(campus, day, courses)
        if session.booking_closes_at > now
    ]
    ClassSession.objects.bulk_create(made, batch_size=_BATCH)
    return len(made)


def _campuses() -> list[Campus]:
    rooms = Prefetch("rooms", Room.objects.filter(active=True).order_by("pk"))
    teachers = Prefetch("teachers", Teacher.objects.filter(active=True).order_by("pk"))
    return list(Campus.objects.open_to_parents().prefetch_related(rooms, teachers))


def _classes(campus: Campus, day: date, courses: Sequence[Course]) -> Iterator[ClassSession]:
    """A day's classes, its rooms, teachers and courses taken in turn."""
    rooms, teachers = list(campus.rooms.all()), list(campus.teachers.all())
    if not (rooms and teachers and courses):
        return
    turn = campus.pk + day.toordinal()
    for place, starts in _times(campus, day):
        course = courses[(campus.pk + 2 * turn + 5 * place) % len(courses)]
        room = rooms[(turn + place) % len(rooms)]
        starts_at = timezone.make_aware(datetime.combine(day, starts))
        session = ClassSession(
            campus=campus,
            course=course,
            room=room,
            teacher=teachers[(turn + place) % len(teachers)],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=course.minutes),
            booking_closes_at=starts_at - BOOKING_CLOSES,
            capacity=_capacity(room, turn + 3 * place),
            state=SessionState.OPEN,
        )
        if timezone.localtime(session.ends_at).time() <= campus.closes_at:
            yield session


def _times(campus: Campus, day: date) -> Iterator[tuple[int, time]]:
    """When classes begin, numbered: every other weekday has one class, the others two, weekends four."""
    turn = (campus.pk + day.toordinal()) % 2
    times = _WEEKEND if day.weekday() >= _SATURDAY else _AFTERNOON[turn:]
    return ((place, starts) for place, starts in enumerate(times) if starts >= campus.opens_at)


def _capacity(room: Room, turn: int) -> int:
    """Six to twelve seats as far as the room has them; one class in twenty has but one or two."""
    if turn % 20 == 0:
        return 1 + turn // 20 % 2
    return min(room.seats, 6 + turn % 7)
