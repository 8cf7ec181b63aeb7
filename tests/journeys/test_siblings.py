"""A parent brings two children to one class, and later one of them cannot come after all."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.classes import Class, a_class_with_room
from tests.journeys.parent import Parent
from tests.journeys.test_accessibility import EACH_WAY, faults, looking, reflow  # noqa: F401  a fixture
from tests.live import Live

pytestmark = pytest.mark.journey


def seats_taken(live: Live, found: Class) -> int:
    ((seats,),) = live.rows(
        "SELECT seats_taken FROM enrollment_classsession WHERE public_id = %s", found.name
    )
    return int(seats)


def types_in_two(parent: Parent, found: Class) -> None:
    page = parent.page
    page.goto(found.trial)
    page.locator("details.child summary").first.click()
    page.get_by_role("button", name="同意，填写孩子信息").click()
    page.locator("[name=child_nickname]").fill("豆豆")
    page.locator("[name=child_birth_month]").fill(found.birth_month)
    page.get_by_role("button", name="再加一个孩子").click()
    expect(page.locator("[name=sibling1_nickname]")).to_be_focused()
    expect(page.locator("[name=child_nickname]")).to_have_value("豆豆")
    page.locator("[name=sibling1_nickname]").fill("果果")
    page.locator("[name=sibling1_birth_month]").fill(found.birth_month)


def test_siblings_are_booked_in_one_go_and_one_of_them_given_back(parent: Parent, live: Live) -> None:
    page, found = parent.page, a_class_with_room(live)
    before = seats_taken(live, found)
    types_in_two(parent, found)
    parent.asks_for_a_code()
    assert seats_taken(live, found) == before + 2
    expect(page.locator("[name=sibling1_nickname]")).to_have_value("果果")
    parent.types_the_code()
    parent.agrees()
    parent.press("提交预约")

    parent.has_a_booking()
    assert seats_taken(live, found) == before + 2
    booked = [row["text"] for row in live.messages(parent.phone) if "约好了" in row["text"]]
    assert len(booked) == 1
    assert "2个座位" in booked[0]
    assert "果果" not in booked[0]
    expect(page.get_by_text("豆豆").first).to_be_visible()
    expect(page.get_by_text("果果").first).to_be_visible()
    page.goto(page.url + "cancel/")
    page.get_by_role("button", name="只取消这一个").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经取消")
    assert seats_taken(live, found) == before + 1


def test_both_are_given_back_in_one_go(parent: Parent, live: Live) -> None:
    page, found = parent.page, a_class_with_room(live)
    before = seats_taken(live, found)
    types_in_two(parent, found)
    parent.proves_and_books()
    parent.has_a_booking()
    page.goto(page.url + "cancel/")
    page.get_by_role("button", name="2 个都取消").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("已经取消")
    assert seats_taken(live, found) == before


def test_a_child_taken_out_again_leaves_one(parent: Parent, live: Live) -> None:
    page, found = parent.page, a_class_with_room(live)
    before = seats_taken(live, found)
    types_in_two(parent, found)
    page.get_by_role("button", name="去掉这个孩子").click()
    expect(page.locator("[name=sibling1_nickname]")).to_have_count(0)
    expect(page.locator("[name=child_nickname]")).to_have_value("豆豆")
    parent.proves_and_books()

    parent.has_a_booking()
    assert seats_taken(live, found) == before + 1


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_siblings_break_no_rule(looking: Page, live: Live) -> None:  # noqa: F811  the fixture
    parent, seen = Parent(looking, live), dict[str, list[str]]()
    found = a_class_with_room(live)
    types_in_two(parent, found)
    seen["two children"] = faults(looking) + reflow(looking)
    looking.locator("[name=sibling1_birth_month]").fill(f"{found.starts_at.year - 1}-01")
    parent.proves_and_books()
    seen["too young"] = faults(looking)
    looking.locator("[name=sibling1_birth_month]").fill(found.birth_month)
    parent.press("提交预约")
    parent.has_a_booking()
    seen["booked"] = faults(looking)
    looking.goto(looking.url + "cancel/")
    seen["cancel"] = faults(looking)

    assert {name: broken for name, broken in seen.items() if broken} == {}
