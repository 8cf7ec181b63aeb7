"""A parent with a seat: moves it, gives it back, or answers the message that asks whether they come."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.classes import a_class_tomorrow, a_class_with_room
from tests.journeys.parent import BOOKING, Parent
from tests.live import Live

pytestmark = pytest.mark.journey


def books(parent: Parent, address: str) -> str:
    """Goes the whole way; the address of the booking."""
    parent.page.goto(address)
    parent.proves_and_books()
    parent.has_a_booking()
    return parent.page.url


def seats_left(live: Live, name: str) -> int:
    ((seats,),) = live.rows(
        "SELECT capacity + overbook_allowance - seats_taken FROM enrollment_classsession WHERE public_id = %s",
        name,
    )
    return int(seats)


def test_a_seat_is_moved_and_what_was_opened_before_leads_there(parent: Parent, live: Live) -> None:
    page, found = parent.page, a_class_with_room(live)
    old = books(parent, found.trial)
    sent = live.wait_for_text(parent.phone, r"http\S+/t/\S+/")
    page.get_by_role("link", name="改期").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("改到哪一节")
    expect(page.locator(".card").first).to_contain_text(
        f"{found.starts_at:%H:%M}"
    )  # Shanghai's, not the phone's

    page.get_by_role("button", name="改到选中的这一节").click()
    expect(page.get_by_role("alert")).to_contain_text("请先选一节")
    choice = page.locator(".option").first
    chosen = choice.locator("input").get_attribute("value")
    choice.click()
    page.get_by_role("button", name="改到选中的这一节").click()

    expect(page).to_have_url(BOOKING)
    expect(page.get_by_role("heading", level=1)).to_contain_text("改好了")
    new = page.url
    assert new != old
    assert seats_left(live, found.name) == found.seats
    assert chosen
    page.goto(old)
    page.get_by_role("link", name="看改后的预约").click()
    expect(page).to_have_url(new)
    page.context.clear_cookies()
    page.goto(sent)
    expect(page).to_have_url(new)
    page.get_by_role("link", name="取消这次预约").click()
    page.get_by_role("button", name="确定取消").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经取消")


def test_the_message_is_answered_with_yes_by_its_link_alone(parent: Parent, live: Live) -> None:
    page = parent.page
    address = books(parent, a_class_tomorrow(live).trial)
    sent = live.wait_for_text(parent.phone, r"http\S+/t/\S+/")
    page.context.clear_cookies()
    a_day_ago = (
        "UPDATE enrollment_trialbooking SET created_at = now() - interval '1 day' WHERE public_id = %s"
    )
    live.rows(a_day_ago, address.rstrip("/").rsplit("/", 1)[-1])

    page.goto(sent)
    expect(page.get_by_role("heading", name="那天来得了吗")).to_be_visible()
    page.get_by_role("button", name="我会来").click()

    expect(page).to_have_url(address)
    expect(page.get_by_text("您说过会来")).to_be_visible()
    expect(page.get_by_role("button", name="我会来")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^改期$"))).to_be_visible()
