"""A parent on a phone asks for a call to fix a free trial class, looks at it and cancels it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.parent import Parent
from tests.live import Live
from tests.people import new_phone
from tests.waiting import until

pytestmark = pytest.mark.journey


@pytest.mark.clause("L-SITE-12")
def test_from_the_home_page_to_a_booking_and_back_out_of_it(parent: Parent) -> None:
    page = parent.page
    page.goto("/")
    parent.follow("请校区打电话来约")
    expect(page).to_have_url(re.compile("/trial/$"))

    parent.fills_in_everything()
    parent.press("提交预约")

    reference = parent.has_a_booking()
    assert parent.taps <= 9
    assert re.fullmatch(r"[A-Z]\d-\d{6}", reference)
    expect(page.get_by_text(f"{parent.phone[:3]}****{parent.phone[-4:]}")).to_be_visible()

    page.goto("/account/")
    expect(page.get_by_text(reference).first).to_be_visible()
    page.get_by_role("link", name="看这次预约").click()
    page.get_by_role("link", name="取消这次预约").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("取消")
    page.get_by_role("button", name="确定取消").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经取消")

    page.goto("/account/")
    page.get_by_role("button", name="退出登录").click()
    page.goto("/account/")
    expect(page).to_have_url(re.compile("/account/login/"))


def test_coming_back_with_the_number_alone(parent: Parent) -> None:
    page = parent.page
    page.goto("/trial/")
    parent.fills_in_everything()
    page.get_by_role("button", name="提交预约").last.click()
    reference = page.locator(".reference").inner_text()
    page.context.clear_cookies()
    parent.live.forget_limits()

    page.goto("/account/")
    parent.asks_for_a_code()
    parent.types_the_code()
    page.get_by_role("button", name="登录").last.click()

    expect(page.get_by_text(reference).first).to_be_visible()


def test_the_link_in_the_message_opens_the_booking_without_a_login(parent: Parent, live: Live) -> None:
    page = parent.page
    page.goto("/trial/")
    parent.fills_in_everything()
    page.get_by_role("button", name="提交预约").last.click()
    expect(page.locator(".reference")).to_be_visible()
    booking = page.url
    page.context.clear_cookies()
    link = live.wait_for_text(parent.phone, r"http\S+/t/\S+/")

    page.goto(booking)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("等校区")
    page.goto(link)

    expect(page).to_have_url(booking)
    expect(page.locator(".reference")).to_be_visible()


def test_what_is_missing_is_said_at_the_top_and_beside_each_field(parent: Parent) -> None:
    page = parent.page
    page.goto("/trial/")
    page.get_by_label("手机号").fill("138 0000 000")
    page.get_by_role("button", name="提交预约").last.click()

    summary = page.locator("[data-summary]")
    expect(summary).to_contain_text("手机号少了 1 位")
    expect(page.get_by_label("手机号")).to_have_value("138 0000 000")
    expect(page.locator("#id_phone_error, [id*=phone][id*=error]").first).to_contain_text("少了 1 位")
    expect(page).to_have_title(re.compile("处要改"))


def test_wrong_code_keeps_everything_and_the_right_one_still_books(parent: Parent) -> None:
    page = parent.page
    page.goto("/trial/")
    parent.fills_in_everything("shanghai")
    right = page.locator("input[name=code]").input_value()
    page.locator("input[name=code]").fill(f"{(int(right) + 1) % 10**6:06d}")
    page.get_by_role("button", name="提交预约").last.click()

    expect(page.locator("[data-summary]")).to_contain_text("验证码")
    expect(page.locator("select[name=city]")).to_have_value("shanghai")
    expect(page.locator("input[name=agree_terms]")).to_be_checked()
    page.locator("input[name=code]").fill(right)
    page.get_by_role("button", name="提交预约").last.click()

    expect(page.locator(".reference")).to_be_visible()


@pytest.mark.clause("L-PP-2-1.3a")
def test_somebody_under_18_is_asked_to_fetch_a_guardian(parent: Parent) -> None:
    page = parent.page
    page.goto("/trial/")
    page.get_by_label("手机号").fill(parent.phone)
    page.get_by_role("button", name="我未满 18 岁").click()

    expect(page).to_have_url(re.compile("/trial/under-18/$"))
    page.goto("/trial/")
    expect(page.get_by_label("手机号")).to_have_value("")


@pytest.mark.clause("L-SITE-19")
def test_reading_an_agreement_loses_nothing_that_was_typed(scripted: Page) -> None:
    scripted.goto("/trial/")
    scripted.get_by_label("手机号").fill("138 0000 0001")
    scripted.get_by_role("link", name="《隐私政策》").click()

    dialog = scripted.locator("dialog[open]")
    expect(dialog).to_contain_text("隐私政策")
    expect(dialog.locator("strong").first).to_be_visible()
    scripted.keyboard.press("Escape")

    expect(scripted.locator("dialog[open]")).to_have_count(0)
    expect(scripted.get_by_label("手机号")).to_have_value("138 0000 0001")
    expect(scripted).to_have_url(re.compile("/trial/$"))


def test_the_phones_back_closes_an_agreement_and_stays_on_the_form(scripted: Page) -> None:
    scripted.goto("/")
    scripted.goto("/trial/")
    scripted.get_by_label("手机号").fill("138 0000 0001")
    link = scripted.get_by_role("link", name="《隐私政策》")
    for leave in ("back", "button", "back"):
        link.click()
        expect(scripted.locator("dialog[open]")).to_contain_text("隐私政策")
        if leave == "back":
            scripted.evaluate("history.back()")
        else:
            scripted.get_by_role("button", name="关上，接着填").click()
        expect(scripted.locator("dialog[open]")).to_have_count(0)
        until(lambda: scripted.evaluate("history.state === null"), what="the step in the history is gone")
        expect(scripted.get_by_label("手机号")).to_have_value("138 0000 0001")

    scripted.go_back()
    expect(scripted).to_have_url(re.compile("/$"))
    expect(scripted.get_by_role("link", name="免费试听").first).to_be_visible()


def test_reloading_a_posted_page_posts_nothing_again(scripted: Page) -> None:
    scripted.goto("/trial/")
    scripted.get_by_role("button", name="提交预约").last.click()
    expect(scripted.locator("[data-summary]")).to_be_visible()
    with scripted.expect_request(re.compile("/trial/$")) as asked:
        scripted.reload()

    assert asked.value.method == "GET"
    expect(scripted.locator("[data-summary]")).to_have_count(0)


def test_pressing_enter_in_the_number_sends_no_message(scripted: Page, live: Live) -> None:
    phone = new_phone()
    scripted.goto("/trial/")
    scripted.get_by_label("手机号").fill(phone)
    scripted.get_by_label("手机号").press("Enter")

    expect(scripted.get_by_role("button", name="获取验证码")).to_be_focused()
    assert live.messages(phone) == []


def test_double_tap_books_once(scripted: Page, live: Live) -> None:
    parent = Parent(scripted, live)
    scripted.goto("/trial/")
    parent.fills_in_everything()
    scripted.get_by_role("button", name="提交预约").last.dblclick()

    expect(scripted.locator(".reference")).to_be_visible()
    scripted.goto("/account/")
    expect(scripted.get_by_role("link", name="看这次预约")).to_have_count(1)
