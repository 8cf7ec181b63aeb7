"""Finding a city, and what a city shows: campuses, free classes, and where else to look."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from courses.models import Campus, City, Course
from enrollment.enums import SessionState
from kit.page_cache import forget_pages
from tests.places import a_campus, a_class, a_course, at
from tests.queries import counted

pytestmark = pytest.mark.django_db(databases="__all__")


def linked(page: str) -> list[str]:
    """The cities a page leads to, in its order."""
    return re.findall(r'href="/cities/([\w-]+)/"', page)


@pytest.fixture
def beijing() -> City:
    """Beijing, where no class is held yet."""
    return City.objects.get(slug="beijing")


# --- finding one


@pytest.mark.clause("L-SITE-18")
def test_every_city_stands_under_its_letter(client: Client) -> None:
    page = client.get("/cities/").content.decode()
    assert set(linked(page)) == set(City.objects.bookable().values_list("slug", flat=True))
    sections = dict(
        re.findall(
            r'<h2 class="letter" id="([A-Z])">.*?</h2>\s*<ul class="cities">(.*?)</ul>', page, re.DOTALL
        )
    )
    assert "重庆" in sections["C"]
    assert "厦门" in sections["X"]
    assert [f"#{letter}" for letter in sections] == re.findall(r'<a href="(#[A-Z])">', page)


@pytest.mark.parametrize("typed", ["北京", "beijing", "BJ", "  Beijing ", "ｂｅｉｊｉｎｇ"])
def test_a_single_find_leads_there(client: Client, typed: str) -> None:
    response = client.get("/cities/", {"q": typed})
    assert response.status_code == 302
    assert response["Location"] == "/cities/beijing/"


def test_several_finds_are_shown_to_choose_from(client: Client) -> None:
    page = client.get("/cities/", {"q": "tai"}).content.decode()
    assert linked(page)[:3] == ["taicang", "taixing", "taiyuan"]


def test_a_slip_finds_what_begins_alike(client: Client) -> None:
    page = client.get("/cities/", {"q": "shangahi"}).content.decode()
    assert "没有找到“shangahi”" in page
    assert "您要找的是不是" in page
    assert linked(page)[0] == "shanghai"


def test_a_province_finds_its_cities(client: Client) -> None:
    shown = linked(client.get("/cities/", {"q": "浙江"}).content.decode())
    assert set(City.objects.bookable().filter(province="浙江").values_list("slug", flat=True)[:8]) <= set(
        shown[:8]
    )


@pytest.mark.clause("L-SITE-25")
def test_a_city_that_is_not_listed_gets_the_hotline_and_no_field_for_a_number(client: Client) -> None:
    page = client.get("/cities/", {"q": "成都"}).content.decode()
    assert "没有找到“成都”" in page
    assert "您要找的是不是" not in page
    assert page.count("常用城市") == 1
    assert 'href="tel:' in page
    assert not re.search(r'<input[^>]*(?:type="tel"|name="phone")', page)


def test_what_was_typed_stays_and_cannot_break_out(client: Client) -> None:
    page = client.get("/cities/", {"q": '"><script>x'}).content.decode()
    assert "<script>x" not in page
    assert 'value="&quot;&gt;&lt;script&gt;x"' in page


def test_unreadable_words_are_refused(client: Client) -> None:
    assert client.get("/cities/", {"q": "\x00"}).status_code == 400


@pytest.mark.parametrize("typed", ["", "   ", "。", "字" * 3000])
def test_odd_words_are_no_trouble(client: Client, typed: str) -> None:
    assert client.get("/cities/", {"q": typed}).status_code == 200


def test_the_wish_for_a_programme_goes_along(client: Client) -> None:
    assert (
        client.get("/cities/", {"q": "北京", "programme": "drama"})["Location"]
        == "/cities/beijing/?programme=drama"
    )
    assert (
        'href="/cities/beijing/?programme=drama"' in client.get("/cities/?programme=drama").content.decode()
    )
    assert "programme=" not in client.get("/cities/?programme=no-such").content.decode()


# --- one city


def test_city_shows_its_campuses_and_its_next_free_classes(client: Client, beijing: City) -> None:
    session = a_class(capacity=8, starts_at=at(days=1, hour=15))
    a_class(campus=a_campus(2, "shanghai"), starts_at=at(days=1, hour=9))
    page = client.get("/cities/beijing/").content.decode()
    assert f'href="/trial/?session={session.public_id}"' in page
    assert page.count('href="/trial/?session=') == 1
    assert "还有 8 个座位" in page
    assert "七天内还有 8 个座位" in page
    assert f'href="{a_campus().get_absolute_url()}"' in page
    assert "shanghai" not in page


def test_campus_with_free_seats_comes_first(client: Client, beijing: City) -> None:
    last = list(Campus.objects.open_to_parents().in_city(beijing))[-1]
    a_class(campus=last)
    page = client.get("/cities/beijing/").content.decode()
    shown = re.findall(r'href="/campuses/([\w-]+)/"', page)
    assert shown[0] == last.slug
    assert len(shown) == Campus.objects.open_to_parents().in_city(beijing).count() > 1
    assert "暂时没有空位" in page


def test_city_narrowed_to_a_programme(client: Client, beijing: City) -> None:
    a_class(course=a_course())
    puzzles = Course.objects.filter(programme__slug="puzzles").first()
    assert puzzles is not None
    other = a_class(course=puzzles, starts_at=at(days=3, hour=10))
    page = client.get("/cities/beijing/?programme=puzzles").content.decode()
    assert re.findall(r"/trial/\?session=([\w-]+)", page) == [other.public_id]
    assert re.search(r'href="\?programme=puzzles" aria-current="true"', page)


def test_city_without_free_seats_offers_a_call_and_its_neighbours(client: Client, beijing: City) -> None:
    a_class(capacity=0)
    a_class(campus=a_campus(1, "shanghai"))
    a_class(campus=a_campus(1, "sanya"), state=SessionState.CLOSED)
    page = client.get("/cities/beijing/").content.decode()
    assert 'href="/trial/?city=beijing"' in page
    assert linked(page) == ["beijing", "shanghai"]  # the first is the programme filter's own


def test_city_without_campuses_says_so(client: Client, beijing: City) -> None:
    Campus.objects.filter(city=beijing).update(active=False)
    page = client.get("/cities/beijing/").content.decode()
    assert "现在没有开放的校区" in page
    assert 'href="/trial/?city=beijing"' in page


def test_nearer_cities_come_first(client: Client, beijing: City) -> None:
    for slug in ("sanya", "tangshan", "wuhan"):
        a_class(campus=a_campus(1, slug))
    assert linked(client.get("/cities/beijing/").content.decode())[1:] == ["tangshan", "wuhan", "sanya"]


@pytest.mark.clause("L-SITE-25")
def test_closed_city_is_gone_and_leads_on(client: Client, beijing: City) -> None:
    a_class(campus=a_campus(1, "shanghai"))
    City.objects.filter(slug="beijing").update(active=False)
    response = client.get("/cities/beijing/")
    page = response.content.decode()
    assert response.status_code == 410
    assert "暂时约不了" in page
    assert "noindex" in page
    assert 'href="tel:' in page
    assert 'href="/trial/?city=' not in page
    assert linked(page) == ["shanghai"]


def test_unknown_city_is_not_found(client: Client) -> None:
    assert client.get("/cities/atlantis/").status_code == 404


def test_classes_of_the_past_and_of_drafts_never_show(client: Client, beijing: City) -> None:
    a_class(starts_at=timezone.now() - timedelta(hours=1))
    a_class(state=SessionState.DRAFT)
    a_class(state=SessionState.CANCELLED)
    assert "/trial/?session=" not in client.get("/cities/beijing/").content.decode()


def test_queries_do_not_grow_with_the_rows(client: Client, beijing: City) -> None:
    client.get("/cities/beijing/")  # the words of the site are at hand from here on
    a_class()
    forget_pages()
    with counted(default=5):
        client.get("/cities/beijing/")
    for number in (2, 3):
        a_class(campus=a_campus(number), starts_at=at(days=number, hour=10))
    forget_pages()
    with counted(default=5):
        assert client.get("/cities/beijing/").content.decode().count("/trial/?session=") == 3
    with counted(default=1):
        client.get("/cities/")
