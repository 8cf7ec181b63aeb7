"""A booking on paper: one A4 page with everything it takes to come."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.classes import a_class_with_room
from tests.journeys.conftest import phone
from tests.journeys.parent import Parent
from tests.live import Live

pytestmark = pytest.mark.journey


def test_a_booking_prints_on_one_page(browser: Browser, live: Live) -> None:
    context = phone(browser, live)
    page = context.new_page()
    parent = Parent(page, live)
    page.goto(a_class_with_room(live).trial)
    parent.proves_and_books()
    parent.has_a_booking()

    printed = page.pdf(format="A4", margin={"top": "10mm", "bottom": "10mm", "left": "12mm", "right": "12mm"})

    page.emulate_media(media="print")
    expect(page.get_by_text("怎么来，带什么")).to_be_visible()
    expect(page.get_by_role("link", name="取消这次预约")).to_be_hidden()
    context.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1
