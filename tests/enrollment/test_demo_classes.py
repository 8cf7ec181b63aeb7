"""The demo's classes roll: four weeks ahead of any day, never twice, never where nobody is."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db.models import Count, Min
from django.utils import timezone

from courses.models import Campus, City, Course
from enrollment.enums import SessionState
from enrollment.models import ClassSession
from enrollment.services.demo_classes import keep_classes_rolling
from enrollment.tasks import roll_demo_classes
from tests.places import SHANGHAI, a_campus, a_class

pytestmark = pytest.mark.django_db(databases="__all__")

MONDAY = datetime(
    2026, 9, 14, 8, tzinfo=SHANGHAI
)  # the four weeks hold two holidays and a Saturday made up for


@pytest.fixture
def few_campuses() -> None:
    """Three cities are enough to say what holds of all."""
    City.objects.exclude(slug__in=["beijing", "sanya", "panyu"]).update(active=False)


def roll(at: datetime, days: int = 28) -> int:
    with time_machine.travel(at, tick=False):
        return keep_classes_rolling(days=days)


def test_four_weeks_are_filled_at_every_campus_with_every_programme() -> None:
    made = roll(datetime(2026, 11, 23, 8, tzinfo=SHANGHAI))  # weeks without a holiday

    assert 10_000 < made < 14_000
    campuses = ClassSession.objects.values("campus").annotate(
        n=Count("pk"), programmes=Count("course__programme", distinct=True)
    )
    assert len(campuses) == Campus.objects.count()
    assert {row["programmes"] for row in campuses} == {5}
    assert {course for (course,) in ClassSession.objects.values_list("course__slug").distinct()} == {
        course.slug for course in Course.objects.offered()
    }


def test_rolling_again_makes_nothing_and_a_day_later_one_day_more(few_campuses: None) -> None:
    roll(MONDAY)
    before = list(ClassSession.objects.order_by("pk").values())

    assert roll(MONDAY) == 0
    assert (
        list(ClassSession.objects.filter(pk__in=[row["id"] for row in before]).order_by("pk").values())
        == before
    )

    made = roll(MONDAY + timedelta(days=1))
    days = ClassSession.objects.exclude(pk__in=[row["id"] for row in before]).values_list(
        "local_date", flat=True
    )
    assert made > 0
    assert set(days) == {MONDAY.date() + timedelta(days=28)}


def test_nobody_teaches_on_holidays_and_rest_days(few_campuses: None) -> None:
    Campus.objects.filter(slug="beijing-muou").update(rest_day=2)
    roll(MONDAY)

    days = set(ClassSession.objects.values_list("local_date", flat=True))
    assert not days & {date(2026, 9, 25), date(2026, 9, 27), date(2026, 10, 1), date(2026, 10, 7)}
    assert {date(2026, 9, 24), date(2026, 9, 28), date(2026, 10, 8), date(2026, 10, 10)} <= days
    of_campus = ClassSession.objects.filter(campus__slug="beijing-muou")
    assert {day.weekday() for day in of_campus.values_list("local_date", flat=True)} == {0, 1, 3, 4, 5, 6}


def test_weekdays_have_afternoons_and_weekends_have_mornings_too(few_campuses: None) -> None:
    roll(MONDAY)
    hours: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
    for session in ClassSession.objects.select_related("campus"):
        starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        hours[session.local_date.weekday() >= 5][starts.hour] += 1
        assert session.campus.opens_at <= starts.time()
        assert ends.time() <= session.campus.closes_at
    assert set(hours[False]) == {15, 16}
    assert set(hours[True]) == {10, 13, 15, 16}


def test_seats_fit_the_room_and_a_few_classes_are_nearly_full(few_campuses: None) -> None:
    roll(MONDAY)
    small = 0
    for session in ClassSession.objects.select_related("room"):
        assert 1 <= session.capacity <= min(12, session.room.seats)
        small += session.capacity <= 2
        assert session.state == SessionState.OPEN
    assert 0 < small < ClassSession.objects.count() / 10


def test_a_day_that_staff_planned_is_theirs(few_campuses: None) -> None:
    campus = a_campus()
    thursday = datetime(2026, 9, 17, 15, tzinfo=SHANGHAI)
    own = a_class(campus=campus, starts_at=thursday, state=SessionState.CANCELLED)
    roll(MONDAY)
    of_day = ClassSession.objects.at_campus(campus).filter(local_date=thursday.date())
    assert list(of_day) == [own]


def test_today_has_only_what_can_still_be_booked(few_campuses: None) -> None:
    saturday = datetime(2026, 9, 19, 14, 35, tzinfo=SHANGHAI)
    roll(saturday)
    first = ClassSession.objects.aggregate(at=Min("starts_at"))["at"]
    assert first == datetime(2026, 9, 19, 16, 30, tzinfo=SHANGHAI)
    assert roll(saturday.replace(hour=8)) == 0


def test_a_campus_without_rooms_or_teachers_is_passed_over(few_campuses: None) -> None:
    bare, closed = a_campus(1), a_campus(2)
    bare.rooms.update(active=False)
    Campus.objects.filter(pk=closed.pk).update(active=False)
    roll(MONDAY)
    assert not ClassSession.objects.filter(campus__in=[bare, closed]).exists()
    assert ClassSession.objects.at_campus(a_campus(3)).exists()


def test_no_real_gateway_gets_classes_nobody_teaches(few_campuses: None, settings: object) -> None:
    settings.SMS_GATEWAY = "vendor"
    roll_demo_classes()
    assert not ClassSession.objects.exists()
    settings.SMS_GATEWAY = "memory"
    roll_demo_classes()
    assert ClassSession.objects.exists()
