"""How many taps a class costs: from a campus, from home in a new city, and for whoever is known."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.journey

BOOKED = re.compile(r"/trial/[\w-]{22}/$")
CITY = "guangzhou"


class Fingers:
    """Taps, counted; typing is free."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps = page, 0

    def tap(self, control: Locator) -> None:
        control.click()
        self.taps += 1


@pytest.fixture
def fingers(page: Page) -> Fingers:
    return Fingers(page)


def a_free_class(page: Page) -> Locator:
    return page.locator('a[href*="/trial/?session="]').first


def prove_and_book(fingers: Fingers, live: Live, phone: str) -> None:
    page = fingers.page
    page.get_by_label("手机号").fill(phone)
    fingers.tap(page.get_by_role("button", name="获取验证码"))
    expect(page.locator("input[name=challenge]")).not_to_have_value("")
    page.locator("input[name=code]").fill(live.code_for(phone))
    fingers.tap(page.locator("input[name=agree_terms]"))
    fingers.tap(page.locator("input[name=agree_privacy]"))
    fingers.tap(page.get_by_role("button", name="提交预约").last)
    expect(page).to_have_url(BOOKED)


def a_campus_page(page: Page) -> str:
    page.goto(f"/cities/{CITY}/")
    address = page.locator('a[href^="/campuses/"]').first.get_attribute("href")
    assert address
    return address


@pytest.mark.clause("L-SITE-12")
def test_from_a_campus_to_a_seat_in_six_and_the_next_one_in_two(fingers: Fingers, live: Live) -> None:
    page, phone = fingers.page, new_phone()
    campus = a_campus_page(page)

    page.goto(campus)
    fingers.tap(a_free_class(page))
    prove_and_book(fingers, live, phone)

    assert fingers.taps <= 6
    expect(page.get_by_role("heading", level=1)).to_contain_text("约好了")
    first = page.locator("dl.rows dd").first.inner_text()

    fingers.taps = 0
    page.goto(campus)
    others = page.locator('a[href*="/trial/?session="]').filter(has_not_text=first)
    fingers.tap(others.first)
    fingers.tap(page.get_by_role("button", name="提交预约").last)

    expect(page).to_have_url(BOOKED)
    assert fingers.taps <= 2


def by_the_list_of_cities(fingers: Fingers) -> None:
    fingers.tap(fingers.page.locator('main a[href^="/cities/"]').first)
    fingers.tap(fingers.page.locator(f'a[href^="/cities/{CITY}/"]').first)
    fingers.tap(fingers.page.locator('a[href^="/campuses/"]').first)
    fingers.tap(a_free_class(fingers.page))


def by_the_form(fingers: Fingers) -> None:
    fingers.tap(fingers.page.locator('a[href="/trial/"]').first)
    fingers.page.locator("select[name=city]").select_option(CITY)
    fingers.taps += 1
    fingers.tap(fingers.page.get_by_role("button", name="看这座城市的空位"))
    fingers.tap(fingers.page.locator("label.option").first)


@pytest.mark.clause("L-SITE-12")
@pytest.mark.parametrize("way", [by_the_list_of_cities, by_the_form])
def test_from_home_in_a_new_city_to_a_seat_in_nine(
    fingers: Fingers, live: Live, way: Callable[[Fingers], None]
) -> None:
    fingers.page.goto("/")

    way(fingers)
    prove_and_book(fingers, live, new_phone())

    assert fingers.taps <= 9
    expect(fingers.page.get_by_role("heading", level=1)).to_contain_text("约好了")


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
    scripted.goto(a_campus_page(scripted))
    a_free_class(scripted).click()
    prove_and_book(Fingers(scripted), live, new_phone())
    scripted.locator("summary").first.click()
    scripted.get_by_role("button", name="复制").click()

    expect(scripted.get_by_role("button", name="复制好了")).to_be_visible()
    copied = scripted.evaluate("navigator.clipboard.readText()")
    assert scripted.locator(".reference").inner_text() in copied
