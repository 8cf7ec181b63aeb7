"""A parent books a seat in a class, loses one to somebody faster, gives one back, names a child or does not."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.classes import a_class_with_room, a_last_seat
from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.live import Live
from tests.waiting import until

pytestmark = pytest.mark.journey


def hold_runs_out(live: Live, session: str) -> None:
    """Five minutes are over; within ten seconds the seat is anybody's."""
    held = "state = 'held' AND session_id = (SELECT id FROM enrollment_classsession WHERE public_id = %s)"
    past = "UPDATE enrollment_trialbooking SET hold_expires_at = now() - interval '1 second' WHERE "
    live.rows(past + held, session)
    left = "SELECT 1 FROM enrollment_trialbooking WHERE " + held  # noqa: S608  no value in it
    until(lambda: not live.rows(left, session), seconds=60, what="the seat to be free")


def test_who_is_slower_than_the_hold_keeps_what_was_typed_and_takes_another_time(
    browser: Browser, parent: Parent, live: Live
) -> None:
    wanted = a_last_seat(live)
    parent.page.goto(wanted.trial)
    parent.asks_for_a_code()
    expect(parent.page.get_by_text("座位给您留到")).to_be_visible()
    parent.types_the_code()
    parent.agrees()
    hold_runs_out(live, wanted.name)
    with watched_page(phone(browser, live)) as page:
        faster = Parent(page, live)
        page.goto(wanted.trial)
        faster.proves_and_books()
        faster.has_a_booking()

    parent.press("提交预约")

    expect(parent.page.get_by_text("约满了").first).to_be_visible()
    expect(parent.page.get_by_text("不用再收短信").first).to_be_visible()
    expect(parent.page.get_by_text("手机号已验证")).to_be_visible()
    expect(parent.page.locator("input[name=phone]")).to_have_value(parent.phone)
    expect(parent.page.locator("input[name=agree_terms]")).to_be_checked()
    expect(parent.page.locator("input[name=agree_privacy]")).to_be_checked()
    options = parent.page.locator(".option input[name=session]:not([value=''])")
    assert 1 <= options.count() <= 3
    options.first.check()
    parent.press("提交预约")

    parent.has_a_booking()
    assert len([row for row in live.messages(parent.phone) if row["code"]]) == 1


def test_a_poster_leads_to_the_classes_of_its_campus_and_is_remembered(parent: Parent, live: Live) -> None:
    found = a_class_with_room(live)
    parent.page.goto(f"/trial/?campus={found.campus}&channel=poster-01")
    parent.tap(parent.page.locator(".option").first)
    parent.proves_and_books()

    parent.has_a_booking()
    ((source,),) = live.rows(
        "SELECT source FROM enrollment_trialbooking WHERE public_id = %s",
        parent.page.url.rstrip("/").rsplit("/", 1)[-1],
    )
    assert source == "poster-01"


def test_a_seat_given_back_is_free_again(parent: Parent, live: Live) -> None:
    found = a_class_with_room(live)
    parent.page.goto(found.trial)
    parent.proves_and_books()
    parent.has_a_booking()
    parent.page.get_by_role("link", name="取消这次预约").click()
    parent.page.get_by_role("button", name="确定取消").click()
    expect(parent.page.get_by_role("heading", level=1)).to_contain_text("已经取消")

    ((seats,),) = live.rows(
        "SELECT capacity + overbook_allowance - seats_taken FROM enrollment_classsession WHERE public_id = %s",
        found.name,
    )
    assert seats == found.seats


@pytest.mark.clause("L-SITE-12")
def test_a_child_is_named_for_one_booking_and_offered_for_the_next(parent: Parent, live: Live) -> None:
    page, found = parent.page, a_class_with_room(live)
    page.goto(found.trial)
    page.locator("details.child summary").click()
    page.get_by_role("button", name="同意，填写孩子信息").click()
    page.get_by_role("textbox", name="小名").fill("豆豆")
    page.locator("[name=child_birth_month]").fill(found.birth_month)
    page.locator("input[name=agree_children]").check()
    parent.proves_and_books()
    parent.has_a_booking()
    expect(page.get_by_text("豆豆").first).to_be_visible()

    page.goto(a_class_with_room(live, other_than=found.course).trial)
    page.locator("details.child summary").click()
    expect(page.get_by_label("豆豆")).to_be_visible()
    page.goto("/account/children/")
    expect(page.get_by_text("豆豆").first).to_be_visible()


def test_who_will_say_nothing_of_the_child_books_all_the_same(parent: Parent, live: Live) -> None:
    page = parent.page
    page.goto(a_class_with_room(live).trial)
    page.locator("details.child summary").click()
    page.get_by_role("button", name="同意，填写孩子信息").click()
    page.get_by_role("textbox", name="小名").fill("豆豆")
    page.get_by_role("button", name="不填了，清掉孩子的信息").click()
    expect(page.get_by_role("textbox", name="小名")).to_have_count(0)
    expect(page.get_by_text("豆豆")).to_have_count(0)
    parent.proves_and_books()

    parent.has_a_booking()
