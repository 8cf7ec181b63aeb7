"""Home, cookies, robots: complete, read no store, and set nothing that identifies anybody."""

import gzip
import re

import pytest
from django.conf import settings
from django.test import Client

from kit.cookies import registered
from privacy.consent.operator import OPERATOR
from tests.website.files import ROOT
from website.context import SITE

PAGES = ["/", "/legal/cookies/"]  # without a database mark: reading any store fails the test


@pytest.mark.parametrize("path", PAGES)
def test_page_reads_without_a_session_and_sets_no_identifying_cookie(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert set(response.cookies) <= {settings.CSRF_COOKIE_NAME}


@pytest.mark.parametrize("path", PAGES)
def test_page_gives_api_callers_their_csrf_cookie(client: Client, path: str) -> None:
    assert settings.CSRF_COOKIE_NAME in client.get(path).cookies


@pytest.mark.parametrize("path", PAGES)
def test_page_is_whole(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert '<html lang="zh-Hans">' in page
    assert re.search(r'<meta name="description" content="[^"]{20,}">', page)
    assert 'href="#main"' in page


@pytest.mark.parametrize("path", PAGES)
def test_footer_leads_to_every_document_and_the_operator(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    for address in ("/legal/terms/", "/legal/privacy/", "/legal/children/", "/legal/cookies/", "/account/"):
        assert f'href="{address}"' in page
    for words in (OPERATOR.hotline, OPERATOR.hours, SITE.operator, SITE.filing):
        assert words in page
    assert f'href="tel:{OPERATOR.hotline_tel}"' in page


@pytest.mark.parametrize("path", PAGES)
def test_no_writing_to_pages_that_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.clause("L-SITE-12")
@pytest.mark.parametrize("path", PAGES)
def test_trial_is_one_link_away(client: Client, path: str) -> None:
    assert 'href="/trial/"' in client.get(path).content.decode()


def test_home_shows_brand_and_programmes(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "励步儿童成长中心" in page
    assert "Leap Space" in page
    names = re.findall(r"<strong>(戏剧|益智|口才|美育|读物)</strong>", page)
    assert names == ["戏剧", "益智", "口才", "美育", "读物"]


@pytest.mark.clause("L-SITE-14")
def test_home_asks_for_no_money(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "免费" in page
    assert not re.search(r"[¥￥]|\d元", page)


def test_home_is_light(client: Client) -> None:
    page = client.get("/").content
    own = [ROOT / "static" / "css" / f"{name}.css" for name in ("tokens", "base", "components")]
    own += [ROOT / "static" / "js" / "app.js", ROOT / "static" / "img" / "favicon.svg"]
    total = len(gzip.compress(page)) + sum(len(gzip.compress(path.read_bytes())) for path in own)
    assert total <= 30 * 1024
    assert len(gzip.compress(page)) <= 14 * 1024


@pytest.mark.clause("L-PP-4.2-1")
def test_every_registered_cookie_is_on_the_cookie_page(client: Client) -> None:
    page = client.get("/legal/cookies/").content.decode()
    for cookie in registered():
        assert cookie.name in page
        assert str(cookie.purpose) in page
        assert str(cookie.lifetime) in page


def test_robots_keep_out_of_what_is_personal(client: Client) -> None:
    response = client.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    rules = response.content.decode()
    for address in ("/account/", "/api/", "/staff/", "/t/"):
        assert f"Disallow: {address}\n" in rules
