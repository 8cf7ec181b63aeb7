"""What else is offered where a class cannot be had: never nothing while anything can be booked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from courses.models import Campus
from enrollment.enums import SessionState
from enrollment.models import ClassSession
from enrollment.services.alternatives import find_alternatives
from tests.families import a_seat
from tests.places import a_campus, a_class, a_course, at

pytestmark = pytest.mark.django_db(databases="__all__")


def offered(session: ClassSession, **changed: int) -> list[ClassSession]:
    return find_alternatives(session=session, at=timezone.now(), **changed)


def near_to_far(city: str = "beijing") -> list[Campus]:
    """The city's campuses, put one, two, three … steps east of the first."""
    campuses = list(Campus.objects.filter(city__slug=city).order_by("pk"))
    for step, campus in enumerate(campuses):
        campus.latitude, campus.longitude = campuses[0].latitude, campuses[0].longitude + step * step
        campus.save()
    return campuses


def test_the_nearest_comes_first() -> None:
    here, near, far, *_ = near_to_far()
    wanted = a_class(campus=here, starts_at=at(days=5, hour=10))
    elsewhere = a_class(campus=a_campus(1, "shanghai"), starts_at=wanted.starts_at)
    too_old = a_class(campus=here, course=a_course("teens", ages=(150, 190)), starts_at=wanted.starts_at)
    other_course = a_class(
        campus=far, course=a_course("same-age", ages=(60, 100)), starts_at=wanted.starts_at
    )
    far_off = a_class(campus=far, starts_at=wanted.starts_at)
    nearby = a_class(campus=near, starts_at=at(days=1, hour=9))
    day_after = a_class(campus=here, starts_at=at(days=6, hour=10))
    day_before = a_class(campus=here, starts_at=at(days=4, hour=11))

    assert offered(wanted, limit=9) == [
        day_before,  # the course at the campus, the nearer time first
        day_after,
        nearby,  # then the course in the city, the nearer campus first
        far_off,
        other_course,  # then what the city has for the age
        too_old,
        elsewhere,
    ]
    assert offered(wanted) == [day_before, day_after, nearby]


def test_nothing_is_offered_that_cannot_be_booked() -> None:
    wanted = a_class()
    a_seat(a_class(capacity=1))
    for state in (SessionState.CLOSED, SessionState.DRAFT, SessionState.CANCELLED):
        a_class(state=state)
    a_class(starts_at=timezone.now() + timedelta(minutes=20))
    closed_campus = a_class(campus=a_campus(3))
    Campus.objects.filter(pk=closed_campus.campus_id).update(active=False)

    assert offered(wanted) == []


def test_the_nearest_city_helps_out() -> None:
    wanted = a_class(campus=a_campus(1, "suzhou"))
    far = a_class(campus=a_campus(1, "guangzhou"))
    near = a_class(campus=a_campus(1, "shanghai"))

    assert offered(wanted) == [near, far]


@pytest.mark.parametrize("others", [0, 1, 30])
def test_queries_are_four_at_most(others: int) -> None:
    wanted = a_class()
    for number in range(others):
        a_class(campus=a_campus(1 + number % 5), starts_at=at(days=3 + number, hour=9))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown = [(one.campus.city.name, one.course.programme.name) for one in offered(wanted)]

    assert len(shown) == min(others, 3)
    assert len(asked) == (1 if others == 30 else 4)
