"""Closing an account on a phone: in four taps, watched to its end, with a certificate to keep; then begun anew."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from privacy.erasure.services.certifying import read_file
from tests.journeys.conftest import phone
from tests.journeys.parent import Parent
from tests.journeys.test_accessibility import EACH_WAY, MODES, faults, reflow
from tests.journeys.test_second_guardian import log_in
from tests.live import Live

pytestmark = pytest.mark.journey

FINISHED = "能删的都删了，其余依法留到期满"


@pytest.mark.clause("X2-5.5.2a", "L-PP-4.7-5")
def test_an_account_is_closed_in_four_taps_certified_and_the_number_begins_anew(
    parent: Parent, live: Live, tmp_path: Path
) -> None:
    page = parent.page
    page.goto("/account/")
    log_in(parent)
    parent.taps = 0
    parent.follow("我的隐私")
    parent.follow("注销账号")
    parent.press("注销账号")
    assert parent.taps <= 4

    # The page asks for itself until it is done; nobody has to press anything.
    expect(page.get_by_role("heading", level=1)).to_have_text(FINISHED, timeout=90_000)
    receipt = page.locator("#to-copy").inner_text()
    parent.follow("看删除凭证")
    expect(page.get_by_text("刚刚核对过")).to_be_visible()
    with page.expect_download() as fetched:
        parent.follow("下载凭证")
    file = fetched.value.path().read_bytes()
    key = page.request.get("/privacy/signing-key.pem").body()
    assert read_file(file, public_pem=key)["unreadable_at"]
    assert parent.phone not in file.decode()

    page.context.clear_cookies()
    page.goto(f"/privacy/ask/{receipt}/")
    expect(page.get_by_text("已经删除").first).to_be_visible()
    parent.follow("看删除凭证")
    expect(page.get_by_text("刚刚核对过")).to_be_visible()

    live.forget_limits()
    live.codes_seen[parent.phone] = 0  # the messages of before went along
    page.goto("/account/")
    log_in(parent)  # which asks for the agreements, as from anybody new
    expect(page.get_by_role("heading", level=1)).to_have_text("我的预约")
    expect(page.locator(".card")).to_have_count(0)


@pytest.mark.parametrize("mode", EACH_WAY)
def test_pages_of_a_closing_break_no_rule(browser: Browser, live: Live, mode: str) -> None:
    context = phone(browser, live, bypass_csp=True, reduced_motion="reduce", **MODES[mode])
    context.set_default_timeout(15_000)
    page, found = context.new_page(), dict[str, list[str]]()
    parent = Parent(page, live)
    page.goto("/account/")
    log_in(parent)
    page.goto("/account/privacy/close/")
    found["before"] = faults(page)
    parent.press("注销账号")
    found["on its way"] = faults(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(FINISHED, timeout=90_000)
    found["done"], over = faults(page), page.url
    parent.follow("直接打开")
    found["by its receipt"] = faults(page) + reflow(page)
    page.goto(over)
    parent.follow("看删除凭证")
    found["certificate"] = faults(page) + reflow(page)
    page.goto(over)
    found["narrow"] = reflow(page)
    context.close()

    assert {name: broken for name, broken in found.items() if broken} == {}
