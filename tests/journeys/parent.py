"""Somebody with a phone in their hand, who counts their taps."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.live import Live
from tests.people import new_phone

BOOKING = re.compile(r"/trial/[\w-]{22}/$")


class Parent:
    """A tap activates a control. A field that the page has not focused by itself takes one to get into."""

    def __init__(self, page: Page, live: Live) -> None:
        self.page, self.live = page, live
        self.phone = new_phone()
        self.taps = 0

    def tap(self, target: Locator) -> None:
        target.click()
        self.taps += 1

    def press(self, name: str) -> None:
        """The last button of that name: an invisible first one is for the Enter key."""
        self.tap(self.page.get_by_role("button", name=name).last)

    def follow(self, name: str) -> None:
        self.tap(self.page.get_by_role("link", name=name).first)

    def type(self, field: Locator, text: str) -> None:
        if not field.evaluate("field => field === document.activeElement"):
            self.tap(field)
        field.fill(text)

    def tick(self, name: str) -> None:
        self.page.locator(f"input[name={name}]").check()
        self.taps += 1

    def asks_for_a_code(self) -> None:
        self.type(self.page.get_by_label("手机号"), self.phone)
        self.press("获取验证码")
        expect(self.page.locator("input[name=challenge]")).not_to_have_value("")

    def types_the_code(self) -> None:
        self.type(self.page.locator("input[name=code]"), self.live.code_for(self.phone))

    def agrees(self) -> None:
        self.tick("agree_terms")
        self.tick("agree_privacy")

    def chooses(self, city: str) -> None:
        self.page.locator("select[name=city]").select_option(city)
        self.taps += 1

    def fills_in_everything(self, city: str = "beijing") -> None:
        """The form without a class: number, code, city, agreements."""
        self.asks_for_a_code()
        self.types_the_code()
        self.chooses(city)
        self.agrees()

    def opens_a_class(self) -> None:
        """The first class in the list of a campus or a city that has a free seat."""
        free = self.page.locator("a.class-body").filter(has_not=self.page.locator(".tag-off"))
        self.tap(free.first)
        expect(self.page).to_have_url(re.compile(r"/trial/\?.*session="))

    def proves_and_books(self) -> None:
        """On a page where a class stands already: number, code, agreements, done."""
        self.asks_for_a_code()
        self.types_the_code()
        self.agrees()
        self.press("提交预约")

    def has_a_booking(self) -> str:
        """Its reference."""
        expect(self.page).to_have_url(BOOKING)
        return self.page.locator(".reference").inner_text()
