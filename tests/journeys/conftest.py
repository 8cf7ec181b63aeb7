"""A phone with the system's Chromium, watched for everything a page must not do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.parent import Parent
from tests.live import Live

# Without these the browser looks for its maker's hosts at every start, which is noise in a closed network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; M2102) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
)


# For one file, and ended with it: while its driver's event loop runs, Django lets nobody in this process ask a
# database.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no Chromium: `make test` says how to get one"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(autouse=True)
def an_hour_later(live: Live) -> None:
    """All journeys come from one address, and more of them than one address may ask codes for in an hour."""
    live.forget_limits()


class Watched:
    """What went wrong in the browser while a test looked elsewhere."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", self._note)
        page.on("requestfailed", self._note_failure)

    def _note_failure(self, request: Any) -> None:
        if (
            request.failure != "net::ERR_ABORTED"
        ):  # a picture still on its way when the next page was asked for
            self.faults.append(f"failed: {request.url} {request.failure}")

    def _note(self, message: Any) -> None:
        refused = "Content Security Policy" in message.text
        if refused or (message.type == "error" and "Failed to load resource" not in message.text):
            self.faults.append(f"console: {message.text}")


def phone(browser: Browser, live: Live, **options: Any) -> BrowserContext:
    """A context like a phone's, 390 by 844, speaking Chinese, in WeChat."""
    return browser.new_context(
        base_url=live.url,
        viewport=options.pop("viewport", {"width": 390, "height": 844}),
        device_scale_factor=2,
        is_mobile=options.pop("is_mobile", True),
        has_touch=options.pop("has_touch", True),
        locale="zh-CN",
        timezone_id="America/New_York",  # a device elsewhere: times shown must be Shanghai's all the same
        user_agent=WECHAT,
        **options,
    )


@contextmanager
def watched_page(context: BrowserContext) -> Iterator[Page]:
    """A page in that context, which it is closed with; fails where the browser had anything to complain of."""
    context.set_default_timeout(15_000)
    opened, watched = context.new_page(), Watched()
    watched.watch(opened)
    try:
        yield opened
    finally:
        context.close()
    assert watched.faults == []


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, live: Live) -> Iterator[Page]:
    """A page on a phone, once with JavaScript and once without."""
    with watched_page(phone(browser, live, java_script_enabled=request.param)) as opened:
        yield opened


@pytest.fixture
def scripted(browser: Browser, live: Live) -> Iterator[Page]:
    """A page on a phone with JavaScript, for what only that improves."""
    with watched_page(phone(browser, live)) as opened:
        yield opened


@pytest.fixture
def parent(page: Page, live: Live) -> Parent:
    """Somebody with that page before them."""
    return Parent(page, live)
