"""Campuses and classes for tests: the catalogue's own campuses, and classes made for the test."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from courses.models import Campus, City, Course, Programme, Room, Teacher
from enrollment.enums import SessionState
from enrollment.models import ClassSession

SHANGHAI = ZoneInfo("Asia/Shanghai")


def a_campus(number: int = 1, city: str = "beijing") -> Campus:
    """The city's campus of that number; the same one each time."""
    campus, _ = Campus.objects.get_or_create(
        slug=f"{city}-{number}",
        defaults={
            "name": f"{city} {number}",
            "city": City.objects.get(slug=city),
            "district": "示例区",
            "address": f"示例路 {number} 号",
            "how_to_come": "地铁示例站 A 口",
            "phone": "010-0000-0000",
            "latitude": "39.900000",
            "longitude": "116.400000",
            "opens_at": time(9, 30),
            "closes_at": time(18, 30),
        },
    )
    return campus


def a_course(slug: str = "drama-4-6", *, ages: tuple[int, int] = (48, 83), minutes: int = 60) -> Course:
    """The course of that name; the same one each time."""
    programme, _ = Programme.objects.get_or_create(
        slug="drama",
        defaults={
            "name": "励步戏剧",
            "short_name": "戏剧",
            "english_name": "Drama",
            "motto": "把故事演出来",
            "about": "…",
            "position": 1,
        },
    )
    course, _ = Course.objects.get_or_create(
        slug=slug,
        defaults={
            "name": slug,
            "programme": programme,
            "age_min_months": ages[0],
            "age_max_months": ages[1],
            "minutes": minutes,
            "summary": "…",
            "in_class": "…",
            "bring": "水杯",
            "position": 1,
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


def at(*, days: int, hour: int, minute: int = 0) -> datetime:
    """A clock time in Shanghai, so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute), SHANGHAI)
