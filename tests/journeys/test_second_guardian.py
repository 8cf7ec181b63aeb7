"""One guardian invites another, on two phones: the link goes from hand to hand, and both see the child."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.journeys.test_accessibility import faults, reflow
from tests.live import Live

pytestmark = pytest.mark.journey

NICKNAME = "小豆包"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def two(request: pytest.FixtureRequest, browser: Browser, live: Live) -> Iterator[tuple[Parent, Parent]]:
    """Two guardians, each with a phone of their own."""
    contexts = [phone(browser, live, java_script_enabled=request.param) for _ in range(2)]
    with watched_page(contexts[0]) as one, watched_page(contexts[1]) as another:
        yield Parent(one, live), Parent(another, live)


def log_in(parent: Parent) -> None:
    """On the login page: a new number, its code, the two agreements."""
    parent.asks_for_a_code()
    parent.types_the_code()
    parent.press("登录")
    parent.agrees()
    parent.press("同意并登录")


def with_a_child(parent: Parent) -> None:
    """Signed in, with a child put down, on its page."""
    parent.page.goto("/account/children/")
    log_in(parent)
    parent.page.goto("/account/children/add/")
    parent.page.get_by_label("小名").fill(NICKNAME)
    parent.page.locator("input[name=child_birth_month]").fill("2021-05")
    parent.tick("agree_children")
    parent.press("同意并保存")
    parent.follow("更正")


def invites(parent: Parent) -> str:
    """The link, as it is shown once."""
    parent.follow("邀请另一位监护人")
    parent.press("生成邀请链接")
    return shown_link(parent.page)


def shown_link(page: Page) -> str:
    """What is to be handed on, without the host."""
    shown = page.locator("#to-copy").inner_text()
    assert NICKNAME not in shown
    link = re.search(r"/account/children/join/[\w-]+/", shown)
    assert link
    return link[0]


def masked(parent: Parent) -> str:
    return f"{parent.phone[:3]}****{parent.phone[-4:]}"


def test_another_guardian_joins_and_leaves_and_the_child_stays(two: tuple[Parent, Parent]) -> None:
    first, second = two
    with_a_child(first)
    link = invites(first)

    second.page.goto(link)
    expect(second.page.get_by_text(NICKNAME)).to_have_count(0)
    second.follow("用自己的手机号登录")
    log_in(second)
    expect(second.page).to_have_url(re.compile(re.escape(link)))
    expect(second.page.get_by_text(masked(first))).to_be_visible()
    expect(second.page.get_by_text(NICKNAME)).to_have_count(0)
    second.press("同意并加入")
    expect(second.page.locator("[data-summary]")).to_contain_text("勾选")
    second.tick("agree_children")
    second.press("同意并加入")

    expect(second.page.get_by_role("status").first).to_contain_text("加入好了")
    expect(second.page.get_by_label("小名")).to_have_value(NICKNAME)
    expect(second.page.get_by_text(masked(first))).to_be_visible()
    second.page.get_by_label("小名").fill("大毛")
    second.press("保存")

    first.page.goto("/account/children/")
    expect(first.page.get_by_text("大毛").first).to_be_visible()
    first.follow("更正")
    expect(first.page.get_by_text(masked(second))).to_be_visible()

    second.page.goto("/account/children/")
    second.follow("删除")
    second.press("确定删除")
    expect(second.page.get_by_role("status").first).to_contain_text("另一位监护人那边的还在")
    first.page.goto("/account/children/")
    expect(first.page.get_by_text("大毛").first).to_be_visible()


def test_the_link_is_taken_back_before_anybody_used_it(two: tuple[Parent, Parent]) -> None:
    first, second = two
    with_a_child(first)
    link = invites(first)
    first.follow("发好了，回去看看")
    first.press("收回邀请")
    expect(first.page.get_by_role("status").first).to_contain_text("收回")

    second.page.goto(link)
    expect(second.page.get_by_role("heading", level=1)).to_contain_text("打不开")


@pytest.fixture
def looked_at(browser: Browser, live: Live) -> Iterator[Page]:
    """A page whose policy is put aside for axe."""
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce", color_scheme="dark")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_its_pages_break_no_rule(looked_at: Page, live: Live) -> None:
    parent = Parent(looked_at, live)
    found: list[str] = []

    def look() -> None:
        size = looked_at.viewport_size
        found.extend(f"{looked_at.url}: {fault}" for fault in faults(looked_at) + reflow(looked_at))
        looked_at.evaluate("document.documentElement.style.fontSize = ''")
        assert size
        looked_at.set_viewport_size(size)

    with_a_child(parent)
    look()
    parent.follow("邀请另一位监护人")
    look()
    parent.press("生成邀请链接")
    look()
    link = shown_link(looked_at)
    looked_at.goto(link)
    look()
    looked_at.context.clear_cookies()
    live.forget_limits()
    looked_at.goto(link)
    look()
    parent.follow("用自己的手机号登录")
    other = Parent(looked_at, live)
    log_in(other)
    look()
    other.tick("agree_children")
    other.press("同意并加入")
    look()
    assert found == []
