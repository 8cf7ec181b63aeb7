"""Which seats the bench's bookings take: some in classes to come, the rest in as many past ones as it needs.

The first ``SHOWN`` bookings stand in the coming weeks of one city, where the measured pages look. Whatever is
more than that is what a platform gathers: classes that are over, and two seats in each coming class of other
cities. So a page shows as many rows whether there are a thousand bookings or a million, and only what they
have to be found among grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from courses.models import Campus, City, Course, Room
from enrollment.enums import BookingState
from enrollment.models import ClassSession

SHOWN = 1_000
A_CLASS = 6  # bookings of a class that is over
_CLOCK = [time(9, 30), time(11), time(13), time(14, 30), time(16), time(17, 15)]  # when one began
_PAUSE = 8  # days from the last of them to today: the week a page may show holds none
_AFTERWARDS = [BookingState.ATTENDED] * 4 + [BookingState.NO_SHOW, BookingState.CANCELLED]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where and when one booking has its seat, and what became of it."""

    session: UUID
    campus: int
    city: int
    course: int
    booked_at: datetime
    state: str
    over_at: datetime | None = None


def measured_city() -> City:
    """The city with the most campuses: its pages are the longest."""
    return City.objects.annotate(size=Count("campuses")).order_by("-size", "slug")[:1].get()


def measured_campus() -> Campus:
    """The first campus of that city."""
    return Campus.objects.filter(city=measured_city()).order_by("pk")[:1].get()


def identifier(kind: int, at: datetime, number: int) -> UUID:
    """A version 7 UUID, as rows have them: ``number`` is its own among those of a ``kind`` (below 4096)."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | kind << 64 | 0b10 << 62 | number)


def coming(*, here: bool, seats: int) -> Iterator[Seat]:
    """So many seats of each coming class, the soonest first: of the measured city, or of all others."""
    now = timezone.now()
    classes = ClassSession.objects.upcoming(now).in_order()
    city = measured_city()
    classes = classes.filter(campus__city=city) if here else classes.exclude(campus__city=city)
    for number, row in enumerate(classes.iterator(2_000)):
        for seat in range(min(seats, row.capacity)):
            booked_at = now - timedelta(days=0 if here else 9, seconds=10 * number + seat)
            yield Seat(
                row.pk, row.campus_id, row.campus.city_id, row.course_id, booked_at, BookingState.BOOKED
            )


@dataclass(frozen=True, slots=True)
class PastClass:
    """A class that is over."""

    id: UUID
    room: Room
    course: int
    starts_at: datetime
    ends_at: datetime


def past_classes(number: int) -> Iterator[PastClass]:
    """So many of them: every campus, six a day, back from a week ago."""
    rooms = list(Room.objects.select_related("campus").order_by("campus_id", "pk").distinct("campus_id"))
    courses = list(Course.objects.order_by("pk").values_list("pk", flat=True))
    today = timezone.localdate()
    for index in range(number):
        slot, room = divmod(index, len(rooms))
        days, hour = divmod(slot, len(_CLOCK))
        day = today - timedelta(days=_PAUSE + days)
        starts_at = timezone.make_aware(datetime.combine(day, _CLOCK[hour]))
        ends_at = starts_at + timedelta(hours=1)
        course = courses[index % len(courses)]
        yield PastClass(identifier(1, starts_at, index), rooms[room], course, starts_at, ends_at)


def past(number: int) -> Iterator[Seat]:
    """So many seats of classes that are over."""
    seats = (
        Seat(
            over.id,
            over.room.campus_id,
            over.room.campus.city_id,
            over.course,
            over.starts_at - timedelta(days=3, seconds=seat),
            _AFTERWARDS[seat],
            over.ends_at,
        )
        for over in past_classes(-(-number // A_CLASS))
        for seat in range(A_CLASS)
    )
    return islice(seats, number)
