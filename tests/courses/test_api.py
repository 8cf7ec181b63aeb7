"""The catalogue over the API: as the contract says, for everybody, in a literal number of queries."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from courses.models import Campus, City, Course, Programme, SellingPoint
from tests.places import SHANGHAI
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__")

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, tzinfo=SHANGHAI)


def read(path: str) -> Any:
    response = Client().get(f"/api/v1/{path}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "public, max-age=60"
    assert not response.cookies
    return response.json()


@pytest.mark.clause("L-SITE-5")
@pytest.mark.parametrize("rows", [1, 3])
def test_programmes_come_in_order_with_their_points(rows: int) -> None:
    Programme.objects.filter(position__gt=rows).update(active=False)
    with counted(default=2):
        listed = read("programmes/")
    assert [(entry["slug"], entry["position"]) for entry in listed] == [
        ("drama", 1),
        ("puzzles", 2),
        ("speech", 3),
    ][:rows]
    points = list(SellingPoint.objects.filter(programme__slug="drama").values_list("text", flat=True))
    assert listed[0] == {"slug": "drama", "name": "励步戏剧", "selling_points": points, "position": 1}


@pytest.mark.parametrize("rows", [1, 3])
def test_courses_say_for_whom_and_how_long(rows: int) -> None:
    kept = Course.objects.offered().values_list("pk", flat=True)[:rows]
    Course.objects.exclude(pk__in=list(kept)).update(active=False)
    with counted(default=1):
        listed = read("courses/")
    assert len(listed) == rows
    assert listed[0] == {
        "slug": "drama-4-6",
        "name": "童话小舞台",
        "programme": "drama",
        "age_months": [48, 83],
        "minutes": 60,
    }


def test_a_course_of_a_programme_that_ended_is_not_listed() -> None:
    Programme.objects.filter(slug="reading").update(active=False)
    assert {entry["programme"] for entry in read("courses/")} == {"drama", "puzzles", "speech", "aesthetics"}


@pytest.mark.parametrize("rows", [1, 3])
def test_campuses_of_a_city_say_where_they_are_and_whether_they_are_open(rows: int) -> None:
    beijing = Campus.objects.filter(city__slug="beijing").order_by("pk")
    Campus.objects.exclude(pk__in=[campus.pk for campus in beijing[:rows]]).update(active=False)
    Campus.objects.filter(active=True).update(rest_day=None)
    with time_machine.travel(MONDAY_NOON, tick=False), counted(default=2):
        listed = read("cities/beijing/campuses/")
    assert len(listed) == rows
    campus = beijing[0]
    assert next(entry for entry in listed if entry["slug"] == campus.slug) == {
        "slug": campus.slug,
        "name": campus.name,
        "address": campus.address,
        "phone": campus.phone,
        "latitude": float(campus.latitude),
        "longitude": float(campus.longitude),
        "open_now": True,
    }
    with time_machine.travel(MONDAY_NIGHT, tick=False):
        assert not any(entry["open_now"] for entry in read("cities/beijing/campuses/"))


@pytest.mark.parametrize("city", ["atlantis", "anshan", "北京"])
def test_a_city_that_is_not_on_the_list_is_a_problem_404(city: str) -> None:
    City.objects.filter(slug="anshan").update(active=False)
    response = Client().get(f"/api/v1/cities/{city}/campuses/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["programmes/", "courses/", "cities/beijing/campuses/"])
def test_nothing_can_be_written(path: str) -> None:
    assert Client().post(f"/api/v1/{path}").status_code == 405
