"""How many taps a class costs: from a campus, from home in a new city, and for whoever is known."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.classes import a_class_with_room
from tests.journeys.parent import Parent
from tests.live import Live

pytestmark = pytest.mark.journey

CITY, CITY_NAME = "guangzhou", "广州"


@pytest.mark.clause("L-SITE-12")
def test_from_a_campus_to_a_seat_in_six_and_the_next_one_in_two(parent: Parent, live: Live) -> None:
    found = a_class_with_room(live)
    parent.page.goto(f"/campuses/{found.campus}/")
    parent.opens_a_class()
    parent.proves_and_books()

    first = parent.has_a_booking()
    assert parent.taps <= 6
    expect(parent.page.get_by_role("heading", level=1)).to_contain_text("约好了")

    parent.taps = 0
    another = a_class_with_room(live, other_than=found.course)  # one live trial a course
    parent.page.goto(f"/campuses/{another.campus}/")
    parent.opens_a_class()
    parent.press("提交预约")

    assert parent.has_a_booking() != first
    assert parent.taps <= 2


def by_the_next_classes_of_the_city(parent: Parent) -> None:
    parent.follow("看看哪里有空位")
    parent.follow(CITY_NAME)
    parent.opens_a_class()


def by_the_campuses_of_the_city(parent: Parent) -> None:
    parent.follow("看看哪里有空位")
    parent.follow(CITY_NAME)
    parent.tap(parent.page.locator('a[href^="/campuses/"]').first)
    parent.opens_a_class()


def by_the_form(parent: Parent) -> None:
    parent.tap(parent.page.locator('a[href="/trial/"]').first)
    parent.chooses(CITY)
    parent.press("看这座城市的空位")
    parent.tap(parent.page.locator("label.option").first)


@pytest.mark.clause("L-SITE-12")
@pytest.mark.parametrize("way", [by_the_next_classes_of_the_city, by_the_campuses_of_the_city, by_the_form])
def test_from_home_in_a_new_city_to_a_seat_in_nine(parent: Parent, way: Callable[[Parent], None]) -> None:
    parent.page.goto("/")
    way(parent)
    parent.proves_and_books()

    parent.has_a_booking()
    assert parent.taps <= 9
    expect(parent.page.get_by_role("heading", level=1)).to_contain_text("约好了")


def test_the_line_above_the_button_follows_what_is_chosen_and_typed(scripted: Page) -> None:
    scripted.goto(f"/trial/?city={CITY}")
    line = scripted.locator(".again")
    scripted.locator("label.option").first.click()
    scripted.get_by_label("手机号").fill("13800001234")

    course = scripted.locator("label.option").first.get_attribute("data-again")
    assert course
    expect(line).to_contain_text(course)
    expect(line).to_contain_text("13800001234")
    scripted.locator("label.option").last.click()
    expect(line).to_contain_text("校区打电话")


def test_the_text_to_take_along_is_copied(scripted: Page, live: Live) -> None:
    scripted.context.grant_permissions(["clipboard-read", "clipboard-write"])
    parent = Parent(scripted, live)
    scripted.goto(a_class_with_room(live).trial)
    parent.proves_and_books()
    reference = parent.has_a_booking()
    scripted.locator("summary").first.click()
    scripted.get_by_role("button", name="复制").click()

    expect(scripted.get_by_role("button", name="复制好了")).to_be_visible()
    assert reference in scripted.evaluate("navigator.clipboard.readText()")
