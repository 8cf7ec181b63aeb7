"""What the site says about itself: editable, held once, found on the pages, hidden where empty."""

import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from courses.models import Campus, City
from kit.page_cache import forget_pages
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE
from privacy.audit.models import AuditEvent
from tests.staff import a_member_of_staff, signed_in
from website.models import Ability, FriendLink, Partner, SiteText
from website.services.content import Figure, LearningZone, SiteContent, SiteLink, site_content
from website.services.figures import find_drift

pytestmark = pytest.mark.django_db(databases=["default"])
ROW = "/staff/website/sitetext/1/change/"


@pytest.fixture
def head_office() -> Client:
    return signed_in(a_member_of_staff(HEAD_OFFICE))


def content() -> SiteContent:
    site_content.forget()
    return site_content()


def home() -> str:
    """The home page of a process that has forgotten what it knew."""
    site_content.forget()
    forget_pages()
    return str(Client().get("/").content.decode())


# What a new database begins with


@pytest.mark.clause("L-SITE-1")
def test_home_shows_brand_group_and_slogan() -> None:
    page = home()
    for words in ("励步儿童成长中心", "Leap Space", "好未来旗下", "一步一步，自在长大"):
        assert words in page


@pytest.mark.clause("L-SITE-2")
def test_home_shows_the_brands_figures() -> None:
    assert content().figures == (
        Figure(number="2008", counts="年创办"),
        Figure(number="近 80", counts="座城市"),
        Figure(number="近 200", counts="个校区"),
        Figure(number="超过 100 万", counts="人次来上过课"),
    )
    page = home()
    assert all(figure.number in page and figure.counts in page for figure in content().figures)


@pytest.mark.clause("L-SITE-3")
def test_home_says_who_we_are() -> None:
    paragraphs = content().about
    assert len(paragraphs) == 2
    page = home()
    assert all(paragraph in page for paragraph in paragraphs)


@pytest.mark.clause("L-SITE-4")
@pytest.mark.clause("L-SITE-24")
def test_home_lists_the_five_abilities_under_a_heading_in_both_languages() -> None:
    assert [ability.name for ability in content().abilities] == ["思辨", "创造", "沟通", "合作", "文化理解"]
    page = home()
    assert re.search(r'我们看重的 <small lang="en">Our Values</small>', page)
    for ability in content().abilities:
        assert {ability.name in page, ability.english_name in page, ability.line in page} == {True}


@pytest.mark.clause("L-SITE-9")
@pytest.mark.clause("L-PP-3-4")
def test_the_groups_site_is_linked_marked_and_gets_no_hold_of_our_window() -> None:
    [link] = re.findall(r'<a[^>]*href="https://www\.100tal\.com/"[^>]*>.*?</a>', home())
    assert re.search(r'rel="[^"]*noopener', link)
    assert "↗" in link
    assert "离开本站" in link


@pytest.mark.clause("L-PP-3-4")
def test_no_page_leads_elsewhere_unmarked() -> None:
    Partner.objects.create(name="某某出版社", address="https://press.example.org/")
    for tag in re.findall(r'<a[^>]*href="https?://[^>]*>', home()):
        assert "noopener" in tag


# Empty blocks


@pytest.mark.clause("L-SITE-6")
def test_partners_are_shown_in_order_and_hidden_when_there_are_none() -> None:
    assert "合作伙伴" not in home()

    Partner.objects.create(name="第二家", logo_text="Two", position=2, address="https://two.example.org/")
    Partner.objects.create(name="第一家", position=1)
    Partner.objects.create(name="不再合作", position=3, active=False)
    assert content().partners == (
        SiteLink(name="第一家", address=""),
        SiteLink(name="Two", address="https://two.example.org/"),
    )
    page = home()
    assert "Partners" in page
    assert page.index("第一家") < page.index("Two")
    assert "不再合作" not in page


@pytest.mark.clause("L-SITE-8")
def test_the_learning_zone_has_a_code_and_a_link_and_hides_when_empty() -> None:
    assert content().learning_zone is None
    assert "园地" not in home()

    SiteText.objects.update(zone_title="听一听园地", zone_link="去听故事", zone_address="/cities/?q=bj")
    zone = content().learning_zone
    assert isinstance(zone, LearningZone)
    assert zone.code_address.endswith("/cities/?q=bj")
    assert zone.code_address.startswith("http")
    page = home()
    assert "听一听园地" in page
    assert re.search(r'href="/cities/\?q=bj"[^>]*>去听故事', page)
    assert re.search(r'aria-label="学习园地的二维码"><svg', page)


@pytest.mark.clause("L-SITE-11")
def test_the_wechat_account_is_named_in_text() -> None:
    assert re.search(r"微信公众号：\S+", home())


def test_links_that_are_switched_off_are_gone() -> None:
    FriendLink.objects.update(active=False)
    assert "100tal" not in home()


# Reading


def test_it_is_read_in_four_queries_and_then_in_none(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        FriendLink.objects.create(name=f"站点 {number}", address=f"https://{number}.example.org/")
    with django_assert_num_queries(4):
        content()
    with django_assert_num_queries(0):
        site_content()


# The database and the back office


def test_a_zone_without_a_link_is_refused() -> None:
    with pytest.raises(IntegrityError, match="site_text_zone_is_whole"), transaction.atomic():
        SiteText.objects.update(zone_title="听一听")


@pytest.mark.clause("LAW-84")
@pytest.mark.parametrize("words", ["保证孩子爱上阅读", "全国第一的戏剧课", "名师推荐"])
def test_promises_superlatives_and_endorsements_are_refused(head_office: Client, words: str) -> None:
    answer = head_office.post(ROW, form(about=words))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    with pytest.raises(ValidationError):
        Ability(name="新", english_name="New", line=words, position=9).full_clean()


def test_what_a_new_database_says_keeps_to_the_rules_itself() -> None:
    SiteText.objects.get().full_clean()
    for row in [*Ability.objects.all(), *FriendLink.objects.all()]:
        row.full_clean()


def form(**changed: object) -> dict[str, object]:
    own = [field.name for field in SiteText._meta.fields if field.name not in {"id", "changed_at"}]
    return SiteText.objects.values(*own).get() | changed


def test_head_office_edits_the_texts_and_that_is_recorded(head_office: Client) -> None:
    assert head_office.get("/staff/website/sitetext/")["Location"] == ROW
    assert head_office.post(ROW, form(slogan="慢慢来，不着急")).status_code == 302
    assert "慢慢来，不着急" in home()
    assert AuditEvent.objects.get(action="sitetext.changed").target == "website.sitetext/1"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "//elsewhere.example.org",
        "ftp://a.example.org",
        "/\\elsewhere.example.org",
        "/\t/elsewhere.example.org",
    ],
)
def test_addresses_lead_somewhere_honest(head_office: Client, address: str) -> None:
    page = head_office.post(ROW, form(zone_title="听一听", zone_link="去听", zone_address=address))
    assert "请填完整的网址" in page.content.decode()
    with pytest.raises(ValidationError):
        Partner(name="某家", address=address).full_clean()


@pytest.mark.parametrize("role", [CAMPUS, AUDITOR])
@pytest.mark.parametrize("page", ["sitetext/1/change/", "partner/add/", "friendlink/", "ability/"])
def test_the_sites_words_are_head_offices_alone(role: str, page: str) -> None:
    browser = signed_in(a_member_of_staff(role))
    assert browser.get(f"/staff/website/{page}").status_code == 403
    assert browser.post(f"/staff/website/{page}", {"name": "某家"}).status_code == 403


@pytest.mark.clause("L-PP-3-4")
def test_what_only_looks_like_ours_is_marked_as_elsewhere(settings: Any) -> None:
    settings.PUBLIC_URL = "https://leap.example"
    elsewhere = (
        "https://leap.example.org/",
        "https://leap.example@evil.example/",
        "/\\evil.example",
        "//evil.example",
    )
    ours = ("/cities/", "https://leap.example", "https://leap.example/cities/", "")

    assert {address: SiteLink(name="…", address=address).outside for address in (*elsewhere, *ours)} == {
        **dict.fromkeys(elsewhere, True),
        **dict.fromkeys(ours, False),
    }


def test_abilities_stay_five(head_office: Client) -> None:
    assert head_office.get("/staff/website/ability/add/").status_code == 403


@pytest.mark.clause("L-SITE-2")
def test_a_figure_that_no_longer_holds_is_said(head_office: Client) -> None:
    active = City.objects.bookable().count()
    SiteText.objects.update(
        almost_cities=active + 2, almost_campuses=Campus.objects.open_to_parents().count() + 1
    )
    assert find_drift() == []
    assert "请改一改数字" not in head_office.get("/staff/").content.decode()

    SiteText.objects.update(almost_cities=active - 1)
    said = f"页面写着“近 {active - 1} 座城市”，现在开放预约的有 {active} 座"
    assert said in head_office.get("/staff/").content.decode()
    assert said in head_office.get(ROW).content.decode()

    City.objects.filter(pk__in=City.objects.values("pk")[: active // 3]).update(active=False)
    SiteText.objects.update(almost_cities=active)
    assert [drift.of for drift in find_drift()] == ["cities", "campuses"]
