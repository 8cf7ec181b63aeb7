"""The guardian's own pages: what is next, everything else by pages, nobody else's, and at what price."""

import re

import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course
from enrollment.models import TrialBooking
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from tests.cleaning import empty_redis
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_class, at
from tests.queries import counted

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PAGES = ["/account/", "/account/bookings/"]


@pytest.fixture
def guardian(client: Client) -> User:
    """Somebody signed in, and somebody else who has bookings too."""
    a_seat(a_class(starts_at=at(days=1, hour=9)))
    mine = a_guardian()
    client.force_login(mine)
    return mine


def courses(count: int) -> list[Course]:
    return list(Course.objects.order_by("pk")[:count])


def seats(guardian: User, count: int) -> list[TrialBooking]:
    """So many booked classes, the last day first."""
    return [
        a_seat(a_class(course=course, starts_at=at(days=9 - number, hour=10)), guardian)
        for number, course in enumerate(courses(count))
    ]


def shown(page: str) -> list[str]:
    """The references of a list, in its order."""
    return re.findall(r'预约号 <span class="no-break">([A-Z]\d-\d{6})</span>', page)


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_led_to_the_login_and_back(path: str) -> None:
    assert Client().get(path)["Location"] == f"/account/login/?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", PAGES)
def test_without_bookings_there_is_a_puppet_and_one_thing_to_do(
    client: Client, guardian: User, path: str
) -> None:
    page = client.get(path).content.decode()

    assert "小舞台还空着" in page
    assert 'class="puppet"' in page
    assert page.count('class="button"') == 1
    assert shown(page) == []


def test_the_soonest_class_comes_first_and_a_call_last(client: Client, guardian: User) -> None:
    late, soon = seats(guardian, 2)
    call = request_trial(guardian=guardian, request=a_wish())

    for path in PAGES:
        page = client.get(path).content.decode()
        assert shown(page) == [soon.reference, late.reference, call.reference]
        assert soon.course.name in page
        assert "星期" in page
        assert soon.campus.name in page


def test_what_was_stands_below_what_is_to_come_and_only_on_the_second_page(
    client: Client, guardian: User
) -> None:
    over, ahead = seats(guardian, 2)
    cancel_trial(booking=over, by=acting(guardian))

    assert shown(client.get("/account/").content.decode()) == [ahead.reference]
    page = client.get("/account/bookings/").content.decode()
    assert shown(page) == [ahead.reference, over.reference]
    assert (
        page.index("还没上的")
        < page.index(ahead.reference)
        < page.index("以前的")
        < page.index(over.reference)
    )


def test_the_first_page_shows_three_and_says_that_there_are_more(client: Client, guardian: User) -> None:
    rows = seats(guardian, 4)

    page = client.get("/account/").content.decode()

    assert shown(page) == [row.reference for row in reversed(rows)][:3]
    assert "还有别的" in page


def test_long_lists_come_by_pages(client: Client, guardian: User) -> None:
    for _ in range(12):
        cancel_trial(booking=a_seat(a_class(), guardian), by=acting(guardian))
        empty_redis()
    everything = list(TrialBooking.objects.of(guardian.pk).newest_first().values_list("reference", flat=True))

    first = client.get("/account/bookings/").content.decode()
    second = client.get("/account/bookings/?page=2").content.decode()

    assert shown(first) + shown(second) == everything
    assert "第 1 页，共 2 页" in first
    assert 'href="?page=2"' in first
    assert 'href="?page=1"' in second
    for odd in ("0", "-1", "x", "999", "%EF%BC%91", "9" * 50):
        assert client.get(f"/account/bookings/?page={odd}").status_code == 200


def test_every_way_of_the_account_leads_somewhere(client: Client, guardian: User) -> None:
    page = client.get("/account/").content.decode()

    ways = re.search(r'<ul class="ways">.*?</ul>', page, re.DOTALL)[0]
    addresses = re.findall(r'href="([^"]+)"', ways)
    assert {"/account/bookings/", "/account/children/"} <= set(addresses)
    for address in addresses:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("path", "prices"),
    [
        ("/account/", {"default": 7, "keys": 1}),
        ("/account/bookings/", {"default": 6}),
    ],
)
@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_however_long(
    client: Client, guardian: User, path: str, prices: dict[str, int], count: int
) -> None:
    for row in seats(guardian, count):
        cancel_trial(booking=row, by=acting(guardian))
    seats(guardian, count)
    client.get(path)  # the first page of a process reads what it then keeps

    with counted(**prices):
        page = client.get(path).content.decode()

    assert len(shown(page)) == (count if path == "/account/" else 2 * count)
