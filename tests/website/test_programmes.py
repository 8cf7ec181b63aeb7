"""A programme's page: what speaks for it, its courses with ages in words, when it last changed."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from courses.models import Course, Programme
from kit.page_cache import forget_pages
from tests.places import a_course
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__")
ORDER = ["drama", "puzzles", "speech", "aesthetics", "reading"]


@pytest.mark.clause("L-SITE-5")
def test_home_shows_the_programmes_in_their_order_and_leads_to_each(client: Client) -> None:
    page = client.get("/").content.decode()
    assert re.findall(r'href="/programmes/(\w+)/"', page) == ORDER


@pytest.mark.clause("L-SITE-5.1")
@pytest.mark.clause("L-SITE-5.2")
@pytest.mark.clause("L-SITE-5.3")
@pytest.mark.clause("L-SITE-5.4")
@pytest.mark.clause("L-SITE-5.5")
@pytest.mark.parametrize("slug", ORDER)
def test_every_selling_point_is_shown_however_many_there_are(client: Client, slug: str) -> None:
    page = client.get(f"/programmes/{slug}/").content.decode()
    points = list(Programme.objects.get(slug=slug).selling_points.values_list("text", flat=True))
    assert len(points) == (4 if slug == "speech" else 3)
    assert [point for point in points if point not in page] == []


def test_courses_say_for_whom_how_long_and_what_happens(client: Client) -> None:
    course = Course.objects.offered().filter(programme__slug="drama", age_min_months=48).first()
    assert course is not None
    page = client.get("/programmes/drama/").content.decode()
    assert course.name in page
    assert "4–6 岁" in page
    assert f"一节 {course.minutes} 分钟" in page
    for step in course.in_class.splitlines():
        assert step in page


@pytest.mark.clause("L-UA-5-1")
def test_page_says_when_it_last_changed(client: Client) -> None:
    Programme.objects.filter(slug="drama").update(changed_at=datetime(2025, 3, 1, 12, tzinfo=UTC))
    Course.objects.filter(programme__slug="drama").update(changed_at=datetime(2025, 5, 31, 17, tzinfo=UTC))
    # The later of the two, as the day it was in Shanghai.
    assert "2025 年 6 月 1 日" in client.get("/programmes/drama/").content.decode()


def test_programme_without_courses_or_points_is_a_whole_page(client: Client) -> None:
    Course.objects.filter(programme__slug="drama").update(active=False)
    Programme.objects.get(slug="drama").selling_points.all().delete()
    page = client.get("/programmes/drama/").content.decode()
    assert "按年龄挑一门" not in page
    assert 'class="ticks"' not in page
    assert 'href="/cities/?programme=drama"' in page


@pytest.mark.parametrize("slug", ["no-such", "drama"])
def test_programme_that_is_not_offered_is_not_found(client: Client, slug: str) -> None:
    Programme.objects.filter(slug="drama").update(active=False)
    response = client.get(f"/programmes/{slug}/")
    assert response.status_code == 404
    assert 'href="/cities/"' in response.content.decode()


def test_queries_do_not_grow_with_the_rows(client: Client) -> None:
    client.get("/programmes/drama/")  # the words of the site are at hand from here on
    Course.objects.filter(programme__slug="drama").update(active=False)
    a_course("one")
    forget_pages()
    with counted(default=4):
        client.get("/programmes/drama/")
    a_course("two")
    a_course("three")
    forget_pages()
    with counted(default=4):
        assert "three" in client.get("/programmes/drama/").content.decode()
