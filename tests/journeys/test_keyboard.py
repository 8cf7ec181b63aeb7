"""A parent without a mouse, and without a finger on the screen, books a seat by the keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.classes import a_class_with_room
from tests.journeys.parent import BOOKING
from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.journey

MANY = 200  # presses of Tab after which a control counts as out of reach
RING = """e => { const shown = x => { const s = getComputedStyle(x);
  return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none'; };
  return [e, ...(e.labels || []), e.parentElement].some(shown); }"""


def tab_to(page: Page, target: Locator) -> None:
    """Go on with Tab until ``target`` has the focus, and can be seen to have it."""
    for _ in range(MANY):
        if target.evaluate("target => target === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"not reached by Tab: {target}")
    assert target.evaluate(RING), f"no ring around {target}"


def test_a_seat_is_booked_by_keyboard_alone(page: Page, live: Live) -> None:
    phone = new_phone()
    page.goto(f"/campuses/{a_class_with_room(live).campus}/")
    tab_to(page, page.locator("a.class-body").filter(has_not=page.locator(".tag-off")).first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/trial/\?.*session="))

    tab_to(page, page.get_by_label("手机号"))
    page.keyboard.type(phone)
    tab_to(page, page.get_by_role("button", name="获取验证码"))
    page.keyboard.press("Enter")
    expect(page.locator("input[name=challenge]")).not_to_have_value("")
    tab_to(page, page.locator("input[name=code]"))
    page.keyboard.type(live.code_for(phone))
    for name in ("agree_terms", "agree_privacy"):
        tab_to(page, page.locator(f"input[name={name}]"))
        page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="提交预约").last)
    page.keyboard.press("Enter")

    expect(page).to_have_url(BOOKING)
    tab_to(page, page.get_by_role("link", name="取消这次预约"))


def test_the_first_tab_leads_past_the_header(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="看看哪里有空位")).to_be_focused()


def test_a_city_is_found_by_typing_its_initials(page: Page) -> None:
    page.goto("/cities/")
    tab_to(page, page.locator("input[name=q]"))
    page.keyboard.type("szh")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/cities/\?q=szh"))
    expect(page.get_by_role("link", name="深圳").first).to_be_visible()
