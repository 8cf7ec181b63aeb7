"""A parent's own information on a phone: a copy asked for, made, opened here and as a zip; something put right."""

import io
import re

import pytest
import pyzipper
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import phone
from tests.journeys.parent import Parent
from tests.journeys.test_accessibility import EACH_WAY, MODES, faults, reflow
from tests.journeys.test_second_guardian import log_in
from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.journey

HOME = "/account/privacy/"


def at_home(parent: Parent) -> Page:
    """Signed in, on the first page of one's own information."""
    parent.page.goto(HOME)
    log_in(parent)
    expect(parent.page.get_by_role("heading", level=1)).to_contain_text("您说了算")
    return parent.page


def has_a_child(page: Page) -> None:
    page.goto("/account/children/add/")
    page.get_by_label("小名").fill("小豆包")
    page.locator("input[name=child_birth_month]").fill("2021-05")
    page.locator("input[name=agree_children]").check()
    page.get_by_role("button", name="同意并保存").last.click()
    expect(page.get_by_text("记好了")).to_be_visible()


@pytest.mark.clause("X2-5.6a")
def test_a_copy_is_asked_for_made_read_here_and_opened_as_a_zip(parent: Parent) -> None:
    page = at_home(parent)
    has_a_child(page)
    page.goto(HOME)
    parent.follow("带走一份")
    parent.press("做一份给我")

    # The page asks for itself until the copy is made; nobody has to press anything.
    expect(page.get_by_role("heading", level=1)).to_have_text("副本做好了", timeout=60_000)
    parent.follow("不下载，直接在网页上看")
    expect(page.get_by_text(parent.phone).first).to_be_visible()
    expect(page.get_by_text("小豆包").first).to_be_visible()
    page.go_back()

    parent.press("看解压密码")
    password = page.locator("#to-copy").inner_text().strip()
    parent.follow("回去下载")
    with page.expect_download() as fetched:
        parent.press("下载")
    whole = fetched.value.path().read_bytes()
    with pyzipper.AESZipFile(io.BytesIO(whole)) as opened:
        opened.setpassword(password.encode())
        assert parent.phone in opened.read("index.html").decode()

    page.reload()
    expect(page.get_by_text("2 次，共 3 次")).to_be_visible()
    assert password not in " ".join(message["text"] for message in parent.live.messages(parent.phone))


@pytest.mark.clause("X1-6-2", "L-PP-4.7-2")
def test_a_child_and_the_number_are_put_right_and_that_is_on_record(parent: Parent) -> None:
    page = at_home(parent)
    has_a_child(page)
    page.goto(HOME)
    parent.follow("更正、补充")
    parent.follow("去更正")
    page.get_by_role("link", name=re.compile("^更正")).click()
    page.get_by_label("小名").fill("小汤圆")
    parent.press("保存")
    expect(page.get_by_text("小汤圆").first).to_be_visible()

    page.goto(f"{HOME}correct/")
    parent.follow("换成新号码")
    new = new_phone()
    page.get_by_label("新的手机号").fill(new)
    parent.press("获取验证码")
    expect(page.locator("input[name=challenge]")).not_to_have_value("")
    page.locator("input[name=code]").fill(parent.live.code_for(new))
    parent.press("换成这个号码")

    expect(page.get_by_text("换好了")).to_be_visible()
    done = page.locator("section", has_text="您提过的请求").locator(".card", has_text="更正、补充")
    expect(done).to_have_count(2)
    expect(done.first).to_contain_text("已办妥")
    page.goto(f"{HOME}see/")
    expect(page.get_by_text(new).first).to_be_visible()


def test_who_booked_confirms_once_and_is_then_where_they_were_going(parent: Parent, live: Live) -> None:
    page = parent.page
    page.goto("/trial/")
    parent.fills_in_everything()
    parent.press("提交预约")
    reference = parent.has_a_booking()
    live.forget_limits()

    page.goto("/account/")
    parent.follow("我的隐私")
    parent.follow("看具体内容")
    expect(page.get_by_role("heading", level=1)).to_have_text("先确认是您本人")
    parent.press("获取验证码")
    expect(page.locator("input[name=challenge]")).not_to_have_value("")
    parent.types_the_code()
    parent.press("确认，继续")

    expect(page.get_by_role("heading", level=1)).to_have_text("我们存着的内容")
    expect(page.get_by_text(reference).first).to_be_visible()


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_one_s_own_information_break_no_rule(browser: Browser, live: Live, mode: str) -> None:
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce", **MODES[mode])
    context.set_default_timeout(15_000)
    page, found = context.new_page(), dict[str, list[str]]()
    at_home(Parent(page, live))
    has_a_child(page)
    paths = ["", "see/", "correct/", "correct/number/", "restrict/", "withdraw/", "export/", "explain/"]
    paths += [
        "say/",
        "write/erase/",
        "close/",
        "write/rectify/?for=ward",
        "write/rectify/?for=deceased",
    ]
    for path in paths:
        page.goto(HOME + path)
        found[path] = faults(page)
    page.goto(f"{HOME}write/question/")
    page.get_by_role("button", name="提交问题").click()
    found["nothing written"] = faults(page)
    page.get_by_label("想问什么").fill("存多久？")
    page.get_by_role("button", name="提交问题").click()
    found["request"] = faults(page) + reflow(page)
    page.goto(HOME)
    found["narrow"] = reflow(page)
    page.context.close()

    assert {name: broken for name, broken in found.items() if broken} == {}
