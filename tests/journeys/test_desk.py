"""The front desk of a campus, on a phone: who comes today, checked in and taken back."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.classes import Class, a_class_about_to_begin
from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.live import Live

pytestmark = pytest.mark.journey
DESK = "demo-beijing"


def sign_in(page: Page, live: Live, username: str = DESK) -> None:
    """Come in by the staff's door with the password of the demo."""
    logins = (
        line.split() for line in (live.home / "demo-logins.txt").read_text(encoding="utf-8").splitlines()
    )
    password = next(words[3] for words in logins if words[2] == username)
    page.goto("/staff/today/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("月")


def booked(browser: Browser, live: Live, session: Class) -> tuple[str, str]:
    """A family books a seat in that class; its reference, and the end of its number."""
    with watched_page(phone(browser, live)) as page:
        family = Parent(page, live)
        page.goto(session.trial)
        family.proves_and_books()
        return family.has_a_booking(), family.phone[-4:]


def test_a_family_is_found_checked_in_and_taken_back(browser: Browser, page: Page, live: Live) -> None:
    session = a_class_about_to_begin(live, DESK)
    reference, tail = booked(browser, live, session)
    sign_in(page, live)
    page.goto(f"/staff/today/?day={session.starts_at:%Y-%m-%d}")
    page.get_by_label("手机尾号或预约号").fill(tail)
    page.get_by_role("button", name="找人").click()

    page.get_by_role("button", name=f"签到 {reference}").click()
    row = page.locator(".desk-row", has_text=reference)
    expect(row).to_contain_text("已签到")
    page.get_by_role("button", name=f"撤回签到 {reference}").click()
    expect(page.locator(".desk-row", has_text=reference)).to_contain_text("已约好")


def test_who_was_checked_in_meanwhile_is_shown_as_they_stand(browser: Browser, live: Live) -> None:
    session = a_class_about_to_begin(live, DESK)
    reference, _ = booked(browser, live, session)
    day = f"/staff/today/?day={session.starts_at:%Y-%m-%d}"
    with watched_page(phone(browser, live)) as one, watched_page(phone(browser, live)) as other:
        for desk in (one, other):
            sign_in(desk, live)
            desk.goto(day)
        one.get_by_role("button", name=f"签到 {reference}").click()
        other.get_by_role("button", name=f"签到 {reference}").click()

        expect(other.locator(".desk-row", has_text=reference)).to_contain_text("已签到")


def test_another_campus_sees_nothing_of_it(browser: Browser, page: Page, live: Live) -> None:
    session = a_class_about_to_begin(live, DESK)
    reference, _ = booked(browser, live, session)
    sign_in(page, live, "demo-shanghai")
    page.goto(f"/staff/today/?day={session.starts_at:%Y-%m-%d}&q={reference}")

    expect(page.get_by_text(f"名单里没有“{reference}”")).to_be_visible()
    page.goto(f"/staff/today/?day={session.starts_at:%Y-%m-%d}&campus={session.campus}")
    expect(page.get_by_text(reference)).to_have_count(0)
