"""Campuses and classes for tests: the catalogue's own campuses and courses, and classes made for the test.

Whatever a test leaves in the catalogue's tables is put back afterwards (tests/cleaning.py).
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils import timezone

from courses.models import Campus, Course, Programme, Room, Teacher
from enrollment.enums import SessionState
from enrollment.models import ClassSession

SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_campus(number: int = 1, city: str = "beijing") -> Campus:
    """The city's campus of that number in the catalogue, from one; 北京 has seven. The same one each time."""
    return Campus.objects.filter(city__slug=city).order_by("pk")[number - 1]


def a_course(slug: str = "drama-4-6", *, ages: tuple[int, int] = (48, 83), minutes: int = 60) -> Course:
    """The catalogue's course of that name; a course of drama made for the test if it has none."""
    course, _ = Course.objects.get_or_create(
        slug=slug,
        defaults={
            "name": slug,
            "programme": Programme.objects.get(slug="drama"),
            "age_min_months": ages[0],
            "age_max_months": ages[1],
            "minutes": minutes,
            "summary": "…",
            "in_class": "…",
            "bring": "水杯",
            "position": 100,
        },
    )
    return course


def a_class(
    *,
    campus: Campus | None = None,
    course: Course | None = None,
    starts_at: datetime | None = None,
    capacity: int = 8,
    state: SessionState = SessionState.OPEN,
    closes_before: timedelta = timedelta(minutes=30),
    teacher: Teacher | None = None,
) -> ClassSession:
    """A class in a room of its own, by default the day after tomorrow at 15:00 in Shanghai."""
    campus, course = campus or a_campus(), course or a_course()
    starts_at = starts_at or at(days=2, hour=15)
    room = Room.objects.create(campus=campus, name=f"测试 {Room.objects.count() + 1}", seats=max(capacity, 1))
    return ClassSession.objects.create(
        campus=campus,
        course=course,
        room=room,
        teacher=teacher,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=course.minutes),
        booking_closes_at=starts_at - closes_before,
        capacity=capacity,
        state=state,
    )


def put_back(session: ClassSession, days: int = 3) -> ClassSession:
    """The class, so many days earlier: what has begun, the database judges by its own clock."""
    back = timedelta(days=days)
    ClassSession.objects.filter(pk=session.pk).update(
        starts_at=F("starts_at") - back,
        ends_at=F("ends_at") - back,
        booking_closes_at=F("booking_closes_at") - back,
    )
    session.refresh_from_db()
    return session


def begun(ago: timedelta) -> datetime:
    """So long ago, and still today in Shanghai even right after midnight: desks mark classes of their day."""
    return max(timezone.now() - ago, at(days=0, hour=0))


def at(*, days: int, hour: int, minute: int = 0) -> datetime:
    """A clock time in Shanghai, so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), SHANGHAI)
