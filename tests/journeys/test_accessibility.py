"""Every page: no rule of axe broken, nothing wider than the screen, every control large enough to tap."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import phone
from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.journey

PUBLIC = [
    "/",
    "/trial/",
    "/trial/under-18/",
    "/account/login/",
    "/legal/terms/",
    "/legal/privacy/",
    "/legal/children/",
    "/legal/privacy/versions/",
    "/legal/cookies/",
    "/dev/sms/",
    "/nothing-here/",
]
SMALL_TARGETS = """() => [...document.querySelectorAll('button,select,summary,input:not([type=hidden]),a[href]')]
  .filter(e => {
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    if (!r.width || s.visibility === 'hidden' || e.closest('[aria-hidden=true]') || e.tabIndex < 0) return false;
    if (s.position === 'absolute' && r.bottom < 0) return false;
    if (e.tagName === 'A' && s.display === 'inline') return false;
    const box = e.type === 'checkbox' && e.labels[0] ? e.labels[0].getBoundingClientRect() : r;
    return box.height < 43.5;
  }).map(e => e.outerHTML.slice(0, 80))"""


def faults(page: Page) -> list[str]:
    found = [
        f"{rule['id']}: {node['target']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
    ]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 1:
        found.append(f"scrolls sideways by {wide} px")
    return found + [f"too small to tap: {target}" for target in page.evaluate(SMALL_TARGETS)]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_breaks_no_rule(browser: Browser, live: Live, path: str) -> None:
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(path)

    found = faults(page)
    page.set_viewport_size({"width": 320, "height": 640})
    found += [f"at 320 px: {fault}" for fault in faults(page) if "sideways" in fault]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"at 200 % text: {fault}" for fault in faults(page) if "sideways" in fault]
    context.close()

    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_booking_break_no_rule(browser: Browser, live: Live, scheme: str) -> None:
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce", color_scheme=scheme)
    page, number = context.new_page(), new_phone()
    found: dict[str, list[str]] = {}

    page.goto("/trial/")
    page.get_by_role("button", name="提交预约").last.click()
    found["errors"] = faults(page)
    page.get_by_label("手机号").fill(number)
    page.get_by_role("button", name="获取验证码").click()
    page.wait_for_selector("text=已发到")
    found["code sent"] = faults(page)
    page.locator("input[name=code]").fill(live.code_for(number))
    page.locator("select[name=city]").select_option("beijing")
    page.locator("input[name=agree_terms]").check()
    page.locator("input[name=agree_privacy]").check()
    page.get_by_role("button", name="提交预约").last.click()
    page.wait_for_url(re.compile(r"/trial/[\w-]{22}/$"))
    found["booking"] = faults(page)
    page.get_by_role("link", name="取消这次预约").click()
    found["cancel"] = faults(page)
    page.goto("/account/")
    found["account"] = faults(page)
    context.close()

    assert {name: broken for name, broken in found.items() if broken} == {}
