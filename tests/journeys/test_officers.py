"""Privacy officers on a phone: their morning, and a refusal with its reasons as the parent reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.journeys.test_accessibility import faults
from tests.live import Live

pytestmark = pytest.mark.journey
ONE, OTHER = "demo-privacy", "demo-privacy-2"
REASON = "您指定的机构目前没有可以接收的系统，我们问过对方，技术上做不到。您可以先下载副本，自己交给对方。"


def desk(browser: Browser, live: Live) -> BrowserContext:
    """An officer's phone, its policy put aside for axe."""
    return phone(browser, live, bypass_csp=True, reduced_motion="reduce")


def comes_in(page: Page, live: Live, username: str = ONE) -> None:
    """By the staff's door, with the password of the demo, to the inbox."""
    logins = (live.home / "demo-logins.txt").read_text(encoding="utf-8").splitlines()
    password = next(words[3] for line in logins if (words := line.split())[2] == username)
    page.goto("/staff/requests/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("请求")


def asks(browser: Browser, live: Live, slug: str, words: str) -> tuple[Parent, str]:
    """A family, signed in, writes to us; the parent, whose page stays open, and the reference."""
    page = phone(browser, live).new_page()
    family = Parent(page, live)
    page.goto("/trial/")
    family.fills_in_everything()
    family.press("提交预约")
    family.has_a_booking()
    page.goto(f"/account/privacy/write/{slug}/")
    page.locator("textarea").fill(words)
    page.locator("main form [type=submit]").last.click()
    expect(page.get_by_text("收到了。")).to_be_visible()
    reference = page.get_by_text("编号 Q-").inner_text().split()[1]
    return family, reference


def opens(page: Page, reference: str) -> None:
    """Finds a request by its reference."""
    page.goto("/staff/requests/")
    page.get_by_label("编号或完整手机号").fill(reference)
    page.get_by_role("button", name="查找").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)


@pytest.mark.clause("X1-6-8")
def test_a_refusal_reaches_the_parent_with_its_reasons_once_two_officers_agree(
    browser: Browser, live: Live
) -> None:
    family, reference = asks(browser, live, "transfer", "请把资料转给另一家机构")
    with watched_page(desk(browser, live)) as one, watched_page(desk(browser, live)) as other:
        comes_in(one, live)
        opens(one, reference)
        one.get_by_role("link", name="提出不能办").click()
        one.get_by_label("从哪个理由写起").select_option("not_feasible")
        one.get_by_role("button", name="带出开头").click()
        one.get_by_label("给家长的说明").fill(REASON)
        one.get_by_role("button", name="提出，请同事批准").click()
        expect(one.get_by_text("要另一位同事批准才算数")).to_be_visible()
        expect(one.get_by_role("button", name="同意这个理由")).to_have_count(0)

        comes_in(other, live, OTHER)
        opens(other, reference)
        expect(other.get_by_text(f"{ONE} 刚刚也打开了这件请求")).to_be_visible()
        other.get_by_role("button", name="同意这个理由").click()
        other.get_by_role("link", name="写答复").click()
        other.get_by_label("答复", exact=True).fill("您要转移的资料我们核对过了，结果和理由写在下面。")
        other.get_by_label("这是最终答复").check()
        other.get_by_role("button", name="发出答复").click()
        expect(other.get_by_text("已答复：不能办").first).to_be_visible()
        assert faults(other) == []

    page = family.page
    page.reload()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("12377")).to_be_visible()
    expect(page.get_by_text(ONE)).to_have_count(0)
    page.context.close()


def test_an_officers_morning(browser: Browser, live: Live) -> None:
    family, question = asks(browser, live, "question", "课后多久删掉我们的信息？")
    with watched_page(desk(browser, live)) as page:
        comes_in(page, live)
        expect(page.get_by_text("已经超期").first).to_be_visible()
        assert faults(page) == []
        opens(page, question)
        page.get_by_role("button", name="我来办").click()
        page.get_by_role("link", name="写答复").click()
        assert faults(page) == []
        page.get_by_label("答复", exact=True).fill("您问的是课后多久删除。课后三十天内就会删除。")
        page.get_by_role("button", name="发出答复").click()
        expect(page.get_by_text("答复了对方").first).to_be_visible()

        page.goto("/staff/requests/new/")
        assert faults(page) == []
        page.get_by_label("提问").check()
        page.get_by_label("对方怎么说").fill("来电问体验课收不收费")
        page.get_by_role("button", name="不验证，先登记").click()
        expect(page.get_by_text("回执号只在这里显示这一次")).to_be_visible()

        page.goto("/staff/requests/numbers/")
        expect(page.get_by_role("img", name="每月收到")).to_be_visible()
        assert faults(page) == []
    family.page.context.close()
