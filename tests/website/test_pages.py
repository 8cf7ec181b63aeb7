"""Home, cookies, robots: complete, and set nothing that identifies anybody."""

import gzip
import re
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client

from courses.models import Campus, City
from kit.cookies import registered
from privacy.consent.operator import operator
from tests.website.files import ROOT

pytestmark = pytest.mark.django_db(databases=["default"])
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CAMPUS = "/campuses/beijing-muou/"
CATALOGUE = ["/", "/programmes/drama/", "/cities/", "/cities/beijing/", CAMPUS]
PAGES = [*CATALOGUE, "/legal/cookies/"]


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
    runs = operator()
    for words in (runs.hotline, runs.hours, runs.company, runs.contact_address, runs.icp, runs.police_filing):
        assert words in page
    assert f'href="tel:{runs.hotline_tel}"' in page


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


@pytest.mark.parametrize("path", CATALOGUE)
def test_page_is_light(client: Client, path: str) -> None:
    page = client.get(path).content
    own = [ROOT / "static" / "css" / f"{name}.css" for name in ("tokens", "base", "components")]
    own += [ROOT / "static" / "js" / "app.js", ROOT / "static" / "img" / "favicon.svg"]
    total = len(gzip.compress(page)) + sum(len(gzip.compress(path.read_bytes())) for path in own)
    assert total <= 30 * 1024
    assert len(gzip.compress(page)) <= 14 * 1024


@pytest.mark.parametrize("path", PAGES)
def test_page_holds_nothing_inline(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", page)


# --- shared in a chat, found in a search


def test_every_page_has_a_title_and_a_description_of_its_own(client: Client) -> None:
    heads = [client.get(path).content.decode().split("</head>")[0] for path in CATALOGUE]
    titles = [re.findall(r"<title>(.*?)</title>", head) for head in heads]
    told = [re.findall(r'<meta name="description" content="(.*?)">', head) for head in heads]
    assert [len(found) for found in titles + told] == [1] * 2 * len(CATALOGUE)
    assert len({title for [title] in titles}) == len({text for [text] in told}) == len(CATALOGUE)
    assert all(len(title) <= 40 for [title] in titles)
    assert all(20 <= len(text) <= 100 for [text] in told)


@pytest.mark.parametrize("path", CATALOGUE)
def test_page_says_what_to_show_where_it_is_shared(client: Client, path: str) -> None:
    head = client.get(f"{path}?from=singlemessage").content.decode().split("</head>")[0]
    assert f'<link rel="canonical" href="{settings.PUBLIC_URL}{path}">' in head
    assert f'<meta property="og:url" content="{settings.PUBLIC_URL}{path}">' in head
    assert re.search(r'<meta property="og:title" content="[^"]+">', head)
    picture = re.search(
        rf'<meta property="og:image" content="{settings.PUBLIC_URL}/static/(img/share[^"]*)">', head
    )
    assert picture


def test_sitemap_leads_to_everything_that_is_open_and_to_nothing_else(client: Client) -> None:
    closed = Campus.objects.get(slug="beijing-muou")
    Campus.objects.filter(pk=closed.pk).update(active=False)
    City.objects.filter(slug="sanya").update(active=False)
    response = client.get("/sitemap.xml")
    assert response["Content-Type"].startswith("application/xml")
    tree = ET.fromstring(response.content)  # noqa: S314  our own
    listed = {each.text.removeprefix(settings.PUBLIC_URL) for each in tree.iter(f"{SITEMAP}loc") if each.text}
    assert {"/", "/cities/", "/trial/", "/programmes/speech/", "/cities/beijing/"} <= listed
    assert not {CAMPUS, "/cities/sanya/"} & listed
    assert (
        len([path for path in listed if path.startswith("/campuses/")])
        == Campus.objects.open_to_parents().count()
    )
    for path in sorted(listed)[:: len(listed) // 8]:
        assert client.get(path).status_code == 200


def test_robots_know_where_the_map_is(client: Client) -> None:
    assert f"\nSitemap: {settings.PUBLIC_URL}/sitemap.xml\n" in client.get("/robots.txt").content.decode()


def test_icon_is_found_where_browsers_look_for_it(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].startswith("/static/img/favicon")
    icon = (ROOT / "static" / "img" / "favicon.ico").read_bytes()
    assert icon[:4] == b"\x00\x00\x01\x00"
    assert len(icon) < 2048


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
