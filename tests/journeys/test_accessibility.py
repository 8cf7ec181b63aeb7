"""Every page: no rule of axe broken, nothing wider than the screen, every control large enough to tap."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.classes import a_class_about_to_begin, a_class_with_room
from tests.journeys.conftest import phone, watched_page
from tests.journeys.parent import Parent
from tests.journeys.test_desk import DESK, booked, sign_in
from tests.live import Live

pytestmark = pytest.mark.journey

PUBLIC = [
    "/",
    "/programmes/speech/",
    "/cities/",
    "/cities/?q=su",
    "/cities/?q=没有这里",
    "/cities/beijing/",
    "/cities/beijing/?programme=drama",
    "/campuses/{campus}/",
    "/trial/",
    "/trial/?city=beijing",
    "/trial/?campus={campus}",
    "/trial/?session={session}",
    "/trial/under-18/",
    "/account/login/",
    "/privacy/ask/",
    "/privacy/ask/?about=flaw",
    "/legal/terms/",
    "/legal/privacy/",
    "/legal/children/",
    "/legal/privacy/versions/",
    "/legal/cookies/",
    "/dev/sms/",
    "/api/docs/",
    "/nothing-here/",
]
NARROW, DESKTOP = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
# How a page is looked at: its colours, and the screen when it is not a phone's.
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "320 px": {"viewport": NARROW},
    "desktop": {"viewport": DESKTOP, "is_mobile": False, "has_touch": False},
    "dark desktop": {"viewport": DESKTOP, "is_mobile": False, "has_touch": False, "color_scheme": "dark"},
    "dark 320 px": {"viewport": NARROW, "color_scheme": "dark"},
}
# Each page in one of the four ways, in turn; `make soak` looks at every page in every way.
IN_TURN = [(path, list(MODES)[number % 4]) for number, path in enumerate(PUBLIC)]
REST = [(path, mode) for path in PUBLIC for mode in MODES if (path, mode) not in IN_TURN]
EACH_WAY = [
    pytest.param(mode, marks=[] if mode in {"light", "dark"} else [pytest.mark.soak]) for mode in MODES
]

SMALL_TARGETS = """() => [...document.querySelectorAll('button,select,summary,input:not([type=hidden]),a[href]')]
  .filter(e => {
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    if (!r.width || s.visibility === 'hidden' || e.closest('[aria-hidden=true]') || e.tabIndex < 0) return false;
    if (s.position === 'absolute' && r.bottom < 0) return false;
    if (e.tagName === 'A' && s.display === 'inline') return false;
    const tick = ['checkbox', 'radio'].includes(e.type) && e.labels[0];
    const box = tick ? e.labels[0].getBoundingClientRect() : r;
    return box.height < 43.5;
  }).map(e => e.outerHTML.slice(0, 80))"""
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults(page: Page) -> list[str]:
    """What is wrong with a page as it stands."""
    found = [
        f"{rule['id']}: {node['target']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]
    return found + too_wide(page) + [f"too small to tap: {target}" for target in page.evaluate(SMALL_TARGETS)]


def too_wide(page: Page) -> list[str]:
    """Whether it has to be scrolled sideways."""
    wide = page.evaluate(WIDE)
    return [f"scrolls sideways by {wide} px"] if wide > 1 else []


def reflow(page: Page) -> list[str]:
    """Whether it has to be where the screen is narrow, or letters are twice as large."""
    page.set_viewport_size(NARROW)
    found = [f"at 320 px: {fault}" for fault in too_wide(page)]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    return found + [f"at 200 % text: {fault}" for fault in too_wide(page)]


@pytest.fixture(scope="module")
def place(live: Live) -> dict[str, str]:
    """A class, and its campus, for the addresses that name one."""
    session = a_class_with_room(live)
    return {"campus": session.campus, "session": session.name}


@pytest.fixture
def looking(browser: Browser, live: Live, mode: str) -> Iterator[Page]:
    """A page looked at in that way, its policy put aside for axe."""
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce", **MODES[mode])
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("path", "mode"), IN_TURN)
def test_public_page_breaks_no_rule(looking: Page, place: dict[str, str], path: str) -> None:
    looking.goto(path.format(**place))

    assert faults(looking) + reflow(looking) == []


@pytest.mark.soak
@pytest.mark.parametrize(("path", "mode"), REST)
def test_public_page_breaks_no_rule_in_any_way(looking: Page, place: dict[str, str], path: str) -> None:
    looking.goto(path.format(**place))

    assert faults(looking) == []


def test_public_pages_leave_the_browser_nothing_to_complain_of(
    browser: Browser, live: Live, place: dict[str, str]
) -> None:
    with watched_page(phone(browser, live)) as page:
        for path in PUBLIC:
            page.goto(path.format(**place))


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_a_request_break_no_rule(looking: Page, live: Live) -> None:
    page, parent, found = looking, Parent(looking, live), dict[str, list[str]]()
    page.goto("/trial/")
    parent.press("提交预约")
    found["errors"] = faults(page)
    parent.asks_for_a_code()
    found["code sent"] = faults(page)
    parent.types_the_code()
    parent.chooses("beijing")
    parent.agrees()
    parent.press("提交预约")
    parent.has_a_booking()
    found["request"] = faults(page)
    page.get_by_role("link", name="取消这次预约").click()
    found["cancel"] = faults(page)

    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_a_booking_break_no_rule(looking: Page, live: Live) -> None:
    page, parent, found = looking, Parent(looking, live), dict[str, list[str]]()
    session = a_class_with_room(live)
    page.goto(session.trial)
    page.locator("details.child summary").click()
    found["notice"] = faults(page)
    page.get_by_role("button", name="同意，填写孩子信息").click()
    page.get_by_role("textbox", name="小名").fill("豆豆")
    page.locator("[name=child_birth_month]").fill(session.birth_month)
    page.locator("input[name=agree_children]").check()
    found["child"] = faults(page)
    parent.proves_and_books()
    parent.has_a_booking()
    found["booking"] = faults(page) + reflow(page)
    for path in ("/account/", "/account/bookings/", "/account/children/", "/account/children/add/"):
        page.goto(path)
        found[path] = faults(page)
    page.goto("/account/children/")
    page.get_by_role("link", name=re.compile("更正")).click()
    found["correct"] = faults(page)
    page.goto("/account/children/")
    page.get_by_role("link", name=re.compile("删除")).click()
    found["delete"] = faults(page)

    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_to_move_or_keep_a_booking_break_no_rule(looking: Page, live: Live) -> None:
    page, parent, found = looking, Parent(looking, live), dict[str, list[str]]()
    page.goto(a_class_with_room(live).trial)
    parent.proves_and_books()
    parent.has_a_booking()
    old = page.url
    page.get_by_role("link", name="改期").click()
    found["move"] = faults(page)
    page.get_by_role("button", name="改到选中的这一节").click()
    found["nothing chosen"] = faults(page)
    page.locator(".option").first.click()
    page.get_by_role("button", name="改到选中的这一节").click()
    parent.has_a_booking()
    found["moved"], new = faults(page), page.url
    live.rows(
        "UPDATE enrollment_trialbooking SET class_changed_at = now() WHERE public_id = %s",
        new.rstrip("/").rsplit("/", 1)[-1],
    )
    for name, address in {
        "old": old,
        "keep": f"{new}keep/",
        "cancel": f"{new}cancel/",
        "changed": new,
    }.items():
        page.goto(address)
        found[name] = faults(page)
    page.goto(f"{new}reschedule/")
    found["narrow"] = reflow(page)

    assert {name: broken for name, broken in found.items() if broken} == {}


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_the_desk_break_no_rule(browser: Browser, looking: Page, live: Live) -> None:
    page, found = looking, dict[str, list[str]]()
    session = a_class_about_to_begin(live, DESK)
    reference, _ = booked(browser, live, session)
    sign_in(page, live)
    page.goto(f"/staff/today/?day={session.starts_at:%Y-%m-%d}")
    found["day"] = faults(page)
    page.get_by_role("button", name=f"签到 {reference}").click()
    expect(page.locator(".desk-row", has_text=reference)).to_contain_text("已签到")
    found["checked in"] = faults(page) + reflow(page)
    page.goto("/staff/today/?q=0000x")
    found["nobody"] = faults(page)

    assert {name: broken for name, broken in found.items() if broken} == {}
