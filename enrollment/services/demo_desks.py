"""Work for the demo's desks: every day one class at each, with families who are expected in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services.guardians import agree, find_guardian, guardian_actor, register
from courses.models import Campus, Course, Room, Teacher
from enrollment.enums import BookingChannel, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import BOOKING_CLOSES
from enrollment.services.classes import advance_classes
from enrollment.services.steps import note
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions

DESKS = ("beijing", "shanghai")
"""The cities whose first campus has a login in the demo."""

_FAMILIES = 3
_NUMBER = "+861380000{:04d}"  # nobody's: the block tests and demos use; a desk has ten from 9000 on
_LEAD = timedelta(minutes=15)  # the families are at the door already
_STEP = 5  # minutes; classes begin at round times
_LONGEST = 60
_SEATS = 8


def desk_of(city: str) -> Campus | None:
    """The campus of the city whose desk can be tried."""
    return Campus.objects.open_to_parents().filter(city__slug=city).first()


def keep_desks_busy() -> int:
    """See to it that each desk has, or had, a class with families today; how many classes were made.

    The class begins within minutes, on a rest day too, and ends with the day at the latest. Nobody is told.
    To be called after `keep_classes_rolling`, which leaves a day alone once it has a class.
    """
    advance_classes()  # else yesterday's trial still stands in a family's way
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('enrollment.keep_desks_busy'))")
        return sum(_open(number, desk_of(city)) for number, city in enumerate(DESKS))


def _open(number: int, campus: Campus | None) -> bool:
    if campus is None:
        return False
    phones = [_NUMBER.format(9000 + 10 * number + n) for n in range(1, _FAMILIES + 1)]
    families = [find_guardian(phone=phone) or _join(phone) for phone in phones]
    now = timezone.now()
    mine = TrialBooking.objects.filter(guardian__in=families)
    if mine.filter(session__campus=campus, session__local_date=timezone.localdate(now)).exists():
        return False
    courses = list(
        Course.objects.offered().filter(minutes__lte=_LONGEST).exclude(pk__in=mine.active().values("course"))
    )
    session = _class(campus, courses, now)
    if session is None:
        return False
    for family in families:
        _book(family, session, now)
    return True


def _join(phone: str) -> User:
    family = register(phone=phone, channel=Channel.WEB)
    agree(user=family, agreements=current_versions(), channel=Channel.WEB)
    return family


def _class(campus: Campus, courses: Sequence[Course], now: datetime) -> ClassSession | None:
    """A class in a room that is free; None where every room is taken."""
    if not courses:
        return None
    course = courses[timezone.localdate(now).toordinal() % len(courses)]
    starts_at = _begin(now, course.minutes)
    ends_at = starts_at + timedelta(minutes=course.minutes)
    held = ClassSession.objects.exclude(state=SessionState.CANCELLED).filter(
        campus=campus, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    rooms = Room.objects.filter(campus=campus, active=True).exclude(pk__in=held.values("room"))
    room = rooms.order_by("-seats", "pk").first()
    if room is None:
        return None
    busy = held.filter(teacher__isnull=False).values("teacher")
    teachers = Teacher.objects.filter(campus=campus, active=True).exclude(pk__in=busy)
    return ClassSession.objects.create(
        campus=campus,
        course=course,
        room=room,
        teacher=teachers.order_by("pk").first(),
        starts_at=starts_at,
        ends_at=ends_at,
        booking_closes_at=starts_at - BOOKING_CLOSES,
        capacity=min(room.seats, _SEATS),
        state=SessionState.OPEN,
    )


def _begin(now: datetime, minutes: int) -> datetime:
    """Soon, at a round time, and so early that the class is over at midnight in Asia/Shanghai."""
    soon = timezone.localtime(now + _LEAD).replace(second=0, microsecond=0)
    soon -= timedelta(minutes=soon.minute % _STEP)
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return min(soon, today + timedelta(days=1, minutes=-minutes))


def _book(family: User, session: ClassSession, now: datetime) -> None:
    """As if staff had taken them in: the service of bookings would refuse them so late, or send a message."""
    booking = TrialBooking.objects.create(
        guardian=family,
        city=session.campus.city,
        campus=session.campus,
        session=session,
        course=session.course,
        state=BookingState.BOOKED,
        channel=BookingChannel.STAFF,
        verified_at=now,
    )
    note(booking, by=guardian_actor(family), action="trial.booked")
