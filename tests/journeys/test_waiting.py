"""A class is full: a parent waits for a seat, is told by message when one comes free, and takes it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.classes import Class, a_single_seat
from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.live import Live

pytestmark = pytest.mark.journey

PLACE = re.compile(r"/trial/waitlist/[\w-]{22}/$")


@pytest.fixture
def other(browser: Browser, live: Live) -> Iterator[Parent]:
    """Another parent, with a phone of their own."""
    with watched_page(phone(browser, live, java_script_enabled=False)) as page:
        yield Parent(page, live)


def takes_the_last_seat(parent: Parent, last: Class) -> str:
    """The page of the booking that makes the class full."""
    parent.page.goto(last.trial)
    parent.proves_and_books()
    parent.has_a_booking()
    return parent.page.url


def joins(parent: Parent, full: Class) -> None:
    """From the page of the full class to a place in its line."""
    parent.page.goto(full.trial)
    expect(parent.page.get_by_text("这节课已经约满了").first).to_be_visible()
    expect(parent.page.locator("input[name=session]").first).to_be_attached()  # what else there is
    parent.asks_for_a_code()
    parent.types_the_code()
    parent.agrees()
    parent.press("候补这节课")
    expect(parent.page).to_have_url(PLACE)
    expect(parent.page.get_by_role("heading", level=1)).to_have_text("您排第 1 位")


def gives_the_seat_back(parent: Parent, booking: str) -> None:
    parent.page.goto(booking)
    parent.page.get_by_role("link", name="来不了").or_(
        parent.page.get_by_role("link", name="取消")
    ).first.click()
    parent.page.get_by_role("button", name="确定取消").click()
    expect(parent.page.get_by_role("heading", level=1)).to_contain_text("已经取消")


@pytest.mark.clause("L-SITE-12")
def test_from_a_full_class_over_its_waiting_list_to_a_seat(parent: Parent, other: Parent, live: Live) -> None:
    last = a_single_seat(live)
    booking = takes_the_last_seat(other, last)
    live.forget_limits()
    joins(parent, last)
    place = parent.page.url

    gives_the_seat_back(other, booking)
    link = live.wait_for_text(parent.phone, r"http\S+/t/\S+/")
    (text,) = [row["text"] for row in live.messages(parent.phone) if "候补到座位了" in row["text"]]
    assert "给您留到" in text

    page: Page = parent.page
    page.context.clear_cookies()  # the message is opened in another app
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("候补到座位了")
    page.get_by_role("button", name="要这个座位").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("见")
    expect(page.locator(".reference")).to_be_visible()

    page.goto(place)  # a place in line is its guardian's, who is not signed in any more
    expect(page.get_by_role("heading", level=1)).to_contain_text("要登录")


def test_a_seat_declined_goes_to_the_next_in_line(parent: Parent, other: Parent, live: Live) -> None:
    last = a_single_seat(live)
    booking = takes_the_last_seat(other, last)
    live.forget_limits()
    joins(parent, last)
    gives_the_seat_back(other, booking)

    page = parent.page
    page.goto("/account/")
    page.get_by_role("link", name="去确认座位").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("有座位了，给您留着")
    page.get_by_role("link", name="不要了").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("不要这个座位了吗")
    page.get_by_role("button", name="不要了").click()

    expect(page).to_have_url(PLACE)
    expect(page.get_by_role("heading", level=1)).to_have_text("已经退出候补")
    page.get_by_role("link", name="看看别的时间").click()
    expect(page.locator(".option").first).to_be_visible()


def test_whoever_waits_may_stop_waiting(parent: Parent, other: Parent, live: Live) -> None:
    last = a_single_seat(live)
    takes_the_last_seat(other, last)
    live.forget_limits()
    joins(parent, last)

    parent.follow("不等了")
    expect(parent.page.get_by_role("heading", level=1)).to_have_text("不等了吗？")
    parent.press("退出候补")

    expect(parent.page.get_by_role("heading", level=1)).to_have_text("已经退出候补")
