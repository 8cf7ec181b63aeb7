"""A campus page: where and when, and every state its next classes can be in."""

import gzip
import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from courses.models import Campus, City
from enrollment.enums import SessionState
from enrollment.models import ClassSession
from kit.page_cache import forget_pages
from tests.places import SHANGHAI, a_campus, a_class, at
from tests.queries import counted
from website.presenters.days import days_of

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def campus() -> Campus:
    return a_campus()


def page_of(client: Client, query: str = "", number: int = 1) -> str:
    forget_pages()  # kept for seconds otherwise
    response = client.get(f"{a_campus(number).get_absolute_url()}{query}")
    assert response.status_code == 200
    return response.content.decode()


def offered(page: str) -> list[str]:
    """The classes a page leads to book, in its order."""
    return re.findall(r'href="/trial/\?session=([\w-]+)"', page)


def taken(session: ClassSession, *, left: int) -> ClassSession:
    """The class with all but ``left`` seats gone: its room shrank."""
    ClassSession.objects.filter(pk=session.pk).update(capacity=left)
    return session


def test_page_says_where_and_when_and_how_to_come(client: Client, campus: Campus) -> None:
    page = page_of(client)
    for words in (campus.name, campus.district, campus.address, *campus.how_to_come.splitlines()):
        assert words in page
    assert f"{campus.opens_at.hour}:{campus.opens_at.minute:02d}–" in page
    assert f'href="tel:{campus.phone}"' in page
    assert "最近更新" in page


def test_map_is_a_plain_link_marked_as_leading_away(client: Client, campus: Campus) -> None:
    page = page_of(client)
    link = re.search(r'<a [^>]*href="https://uri\.amap\.com/marker\?([^"]*)"([^>]*)>(.*?)</a>', page)
    assert link
    assert f"position={campus.longitude}%2C{campus.latitude}" in link[1]
    assert "noopener" in link[2]
    assert "离开本站" in link[3]


def test_each_campus_has_its_own_troupe(client: Client, campus: Campus) -> None:
    troupes = [
        re.findall(r'<svg class="troupe".*?</svg>', page_of(client, number=n), re.DOTALL) for n in (1, 1, 2)
    ]
    assert [len(found) for found in troupes] == [1, 1, 1]
    assert troupes[0] == troupes[1] != troupes[2]


def test_free_class_leads_to_its_booking(client: Client, campus: Campus) -> None:
    session = a_class(starts_at=at(days=1, hour=15))
    page = page_of(client)
    assert offered(page) == [session.public_id]
    assert "15:00" in page
    assert "16:00" in page
    assert "还有 8 个座位" in page
    assert "明天" in page
    assert "4–6 岁" in page


def test_weekday_is_written_out(client: Client, campus: Campus) -> None:
    session = a_class(starts_at=at(days=5, hour=15))
    day = timezone.localdate(session.starts_at)
    weekday = "星期" + "一二三四五六日"[day.weekday()]
    assert f"{day.month} 月 {day.day} 日 {weekday}" in page_of(client)


@pytest.mark.parametrize(
    ("left", "words"), [(4, "还有 4 个座位"), (3, "只剩 3 个座位"), (1, "只剩 1 个座位")]
)
def test_few_seats_are_said(client: Client, campus: Campus, left: int, words: str) -> None:
    a_class(capacity=left)
    assert words in page_of(client)


def test_full_class_is_shown_and_leads_to_its_waiting_list(client: Client, campus: Campus) -> None:
    free = a_class(starts_at=at(days=2, hour=10))
    full = taken(a_class(starts_at=at(days=2, hour=14)), left=0)
    page = page_of(client)
    assert offered(page) == [free.public_id, full.public_id]
    assert "约满了，可候补" in page
    assert "14:00" in page


def test_full_class_past_waiting_leads_nowhere(client: Client, campus: Campus) -> None:
    free = a_class(starts_at=at(days=2, hour=10))
    soon = timezone.now() + timedelta(minutes=50)
    full = taken(a_class(starts_at=soon), left=0)
    page = page_of(client, f"?day={timezone.localdate(soon)}")
    assert full.public_id not in page
    assert free.public_id in offered(page)
    assert "约满了" in page
    assert "可候补" not in page


def test_class_closed_to_booking_is_shown_and_leads_nowhere(client: Client, campus: Campus) -> None:
    a_class(starts_at=at(days=2, hour=10))
    a_class(starts_at=at(days=2, hour=14), state=SessionState.CLOSED)
    a_class(starts_at=at(days=2, hour=16), closes_before=timedelta(days=3))
    page = page_of(client)
    assert len(offered(page)) == 1
    assert "暂停预约" in page
    assert "网上已停止预约" in page


def test_first_day_with_a_free_seat_comes_first(client: Client, campus: Campus) -> None:
    taken(a_class(starts_at=at(days=1, hour=10)), left=0)
    free = a_class(starts_at=at(days=3, hour=10))
    page = page_of(client)
    titles = re.findall(r'<h3 class="day-title">.*?datetime="([\d-]+)"', page, re.DOTALL)
    assert titles == [str(timezone.localdate(free.starts_at))]
    assert re.search(rf'href="\?day={titles[0]}#classes" aria-current="true"', page)
    # The full day before is in the strip and can be looked at.
    full_day = timezone.localdate() + timedelta(days=1)
    assert f'href="?day={full_day}#classes"' in page
    assert "约满" in page_of(client, f"?day={full_day}")


@pytest.mark.parametrize("asked", ["yesterday", "nonsense", "far", ""])
def test_day_without_classes_leads_back_to_the_campus(client: Client, campus: Campus, asked: str) -> None:
    a_class()
    today = timezone.localdate()
    days = {"yesterday": today - timedelta(days=1), "far": today + timedelta(days=90)}
    response = client.get(campus.get_absolute_url(), {"day": str(days.get(asked, asked))})
    assert response.status_code == 302
    assert response["Location"] == campus.get_absolute_url()


def test_everything_full_offers_a_call(client: Client, campus: Campus) -> None:
    full = taken(a_class(), left=0)
    page = page_of(client)
    assert "近来约满了" in page
    assert offered(page) == [full.public_id]
    assert f'href="/trial/?city=beijing&amp;campus={campus.slug}"' in page
    assert 'href="/cities/beijing/"' in page
    assert "<span>约满</span>" in page


def test_what_is_closed_to_booking_is_not_called_full(client: Client, campus: Campus) -> None:
    taken(a_class(starts_at=at(days=1, hour=10)), left=0)
    a_class(starts_at=at(days=2, hour=10), state=SessionState.CLOSED)
    page = page_of(client)
    assert "近来没有可约的课" in page
    assert "近来约满了" not in page
    assert re.findall(r"<span>(约满|暂停)</span>", page) == ["约满", "暂停"]


def test_no_classes_at_all_offers_a_call(client: Client, campus: Campus) -> None:
    page = page_of(client)
    assert "课表还没排出来" in page
    assert 'class="days"' not in page
    assert f'href="/trial/?city=beijing&amp;campus={campus.slug}"' in page


def test_statutory_holidays_are_said_in_the_strip(campus: Campus) -> None:
    on_a_holiday = a_class(starts_at=datetime(2026, 10, 3, 10, tzinfo=SHANGHAI))
    after = a_class(starts_at=datetime(2026, 10, 8, 10, tzinfo=SHANGHAI))
    sessions = ClassSession.objects.filter(pk__in=[on_a_holiday.pk, after.pk]).in_order()
    days = days_of(sessions, at=datetime(2026, 9, 30, 9, tzinfo=SHANGHAI))
    strip = render_to_string("components/day_strip.html", {"days": days, "first": days[-1]})
    shown = [
        re.sub(r"<[^>]*>", " ", chip).split() for chip in re.findall(r"<li>(.*?)</li>", strip, re.DOTALL)
    ]
    assert shown[0] == ["今天", "9/30", "无课"]
    assert shown[1:4] == [["明天", "10/1", "放假"], ["后天", "10/2", "放假"], ["周六", "10/3", "1", "节"]]
    assert shown[-1] == ["周四", "10/8", "1", "节"]
    assert [day.holiday for day in days] == [False, *[True] * 7, False]


def test_notice_stands_above_the_classes(client: Client, campus: Campus) -> None:
    assert "校区公告" not in page_of(client)
    Campus.objects.filter(pk=campus.pk).update(notice="电梯检修，请走楼梯。")
    page = page_of(client)
    assert page.index("电梯检修，请走楼梯。") < page.index('id="classes"')


def test_open_now_is_said_in_words(client: Client, campus: Campus) -> None:
    assert re.search(r'<span class="opening-now[^"]*">[^<]*(?:开门|关门|休息)', page_of(client))


@pytest.mark.parametrize("closed", ["campus", "city"])
def test_closed_campus_is_gone_and_leads_on(client: Client, campus: Campus, closed: str) -> None:
    a_class(campus=campus)
    if closed == "campus":
        Campus.objects.filter(pk=campus.pk).update(active=False)
    else:
        City.objects.filter(slug="beijing").update(active=False)
    response = client.get(campus.get_absolute_url())
    page = response.content.decode()
    assert response.status_code == 410
    assert "已经不开放了" in page
    assert offered(page) == []
    assert (a_campus(2).get_absolute_url() in page) == (closed == "campus")
    assert ('href="/cities/"' in page) == (closed == "city")


def test_closed_campus_can_be_read_by_browsers_that_unpack(client: Client, campus: Campus) -> None:
    Campus.objects.filter(pk=campus.pk).update(active=False)
    response = client.get(campus.get_absolute_url(), HTTP_ACCEPT_ENCODING="gzip")
    assert response.status_code == 410
    assert response["Content-Encoding"] == "gzip"
    assert "已经不开放了" in gzip.decompress(response.content).decode()


def test_unknown_campus_is_not_found_with_a_way_on(client: Client) -> None:
    response = client.get("/campuses/nowhere/")
    assert response.status_code == 404
    assert 'href="/cities/"' in response.content.decode()


def test_visitor_is_set_no_identifying_cookie(client: Client, campus: Campus) -> None:
    assert set(client.get(campus.get_absolute_url()).cookies) <= {settings.CSRF_COOKIE_NAME}


def test_queries_do_not_grow_with_the_rows(client: Client, campus: Campus) -> None:
    page_of(client)  # the words of the site are at hand from here on
    a_class()
    forget_pages()
    with counted(default=2):
        client.get(campus.get_absolute_url())
    a_class(starts_at=at(days=3, hour=9))
    a_class(starts_at=at(days=4, hour=9))
    forget_pages()
    with counted(default=2):
        assert len(offered(client.get(campus.get_absolute_url()).content.decode())) == 3
