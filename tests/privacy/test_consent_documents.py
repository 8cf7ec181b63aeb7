"""Documents: what is published, how it is proved, how it is shown."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.utils import timezone
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class in a lower-case name
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from privacy.audit.models import AuditEvent
from privacy.audit.services import name_of
from privacy.consent import documents
from privacy.consent.declarations import acting_role_for, declaration_text
from privacy.consent.documents import EDITIONS, Edition
from privacy.consent.enums import Document
from privacy.consent.exceptions import DocumentUnknown, EditionRefused
from privacy.consent.models import ConsentNotice
from privacy.consent.operator import SEED, operator
from privacy.consent.services import Published, current_notices, load_documents, notice
from privacy.inventory.record import told
from privacy.inventory.registry import inventory, keeps, purposes, stores

pytestmark = pytest.mark.django_db(databases=["default"])

DOCUMENTS = ["terms", "privacy", "children"]
TERMS = EDITIONS[0]


class Reader(HTMLParser):
    """Text of a page, the part of it that stands in strong, and tags left open."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = self.strong = ""
        self.open: list[str] = []
        self.mismatched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data
        if "strong" in self.open:
            self.strong += data


def clauses(html: str) -> list[str]:
    """The clauses that limit liability."""
    return re.findall(r'<strong class="liability">(.+?)</strong>', html, re.DOTALL)


class RewordedTerms(Edition):
    """The terms in other words."""

    def render(self, told: Mapping[str, str] | None = None) -> str:
        return TERMS.render(told).replace("先看这几句", "改了几个字")


def reworded(version: str = "1.1") -> Edition:
    """A later edition of the terms."""
    return RewordedTerms(
        document=TERMS.document,
        version=version,
        published_on=TERMS.published_on,
        effective_on=TERMS.effective_on,
        scope=TERMS.scope,
    )


def test_the_three_documents_are_in_force() -> None:
    assert [found.document for found in current_notices()] == DOCUMENTS
    assert [found.title for found in current_notices()] == ["用户协议", "隐私政策", "儿童个人信息规则"]


@pytest.mark.clause("L-UA-8-2")
def test_on_conflict_the_policy_ranks_over_the_terms_and_childrens_rules_over_the_policy() -> None:
    ranks = {found.document: found.rank for found in current_notices()}
    assert ranks["terms"] < ranks["privacy"] < ranks["children"]


@pytest.mark.clause("L-PP-0-1")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_document_states_its_scope(document: str) -> None:
    found = notice(document)
    assert found.scope
    assert found.scope in found.html


@pytest.mark.clause("L-PP-0-3")
@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: str(edition.document))
def test_the_text_shown_can_be_reproduced_to_the_byte(edition: Edition) -> None:
    stored = notice(edition.document)
    assert stored.sha256 == sha256(stored.html.encode()).hexdigest()
    assert stored.told == operator().told()
    assert edition.render(stored.told) == stored.html


@pytest.mark.parametrize("document", DOCUMENTS)
def test_texts_are_whole_chinese_html_without_leftovers(document: str) -> None:
    html = notice(document).html
    read = Reader(html)
    assert (read.open, read.mismatched) == ([], [])
    assert "{{" not in html
    assert "{%" not in html
    assert re.search(r"<(script|style|img|iframe|form)|style=|https?:", html) is None
    assert SEED.company in html
    assert SEED.privacy_mail in html
    assert html.index('class="short"') < html.index("<h2 id=")


@pytest.mark.clause("L-UA-8-2")
@pytest.mark.clause("L-PP-4.8-2")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_document_claims_that_agreeing_to_one_or_going_on_agrees_to_more(document: str) -> None:
    text = Reader(notice(document).html).text
    assert re.search(r"视为|视同|默认同意|一并同意|即表示您?同意", text) is None
    assert "单独同意" in text or "分开同意" in text
    assert re.search(r"继续使用(本站)?不(当作|算)", text)


@pytest.mark.clause("L-PP-3-2")
def test_failing_to_delete_is_not_disclaimed() -> None:
    terms = notice("terms").html
    assert not any("删除" in clause for clause in clauses(terms))
    assert "该删的没有删掉，是我们的责任" in terms


def test_children_are_children_until_the_fifteenth_birthday_in_every_document() -> None:
    for document in ("privacy", "children"):
        assert "未到 15 周岁生日" in notice(document).html
    for document in DOCUMENTS:
        text = Reader(notice(document).html).text
        assert "14 周岁" not in text.replace("法律说的是不满 14 周岁，我们多保护一年", "")


@pytest.mark.clause("L-PP-8-1")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_document_promises_the_shorter_of_the_deadlines(document: str) -> None:
    text = Reader(notice(document).html).text
    assert "15 日内答复" in text
    assert "15 个工作日内办完" in text


@pytest.mark.clause("L-PP-1-5")
def test_the_policy_lists_every_personal_field_with_purpose_and_time() -> None:
    text = Reader(notice("privacy").html).text
    declared = [found for _, found in inventory() if told(found)]
    assert len(declared) > 40
    for declaration in declared:
        assert str(declaration.title) in text
        assert purposes[declaration.why].title in text
        assert keeps[declaration.keep].title in text
    for store in stores.values():
        shown = store.told and not purposes[store.why].of_staff
        assert (store.holds in text) == shown
    for of_staff in (purpose for purpose in purposes.values() if purpose.of_staff):
        assert of_staff.title not in text


def test_a_published_text_takes_no_address_from_the_sites_urls() -> None:
    texts = Path(documents.__file__).parent / "texts"
    assert [path for path in texts.rglob("*.html") if re.search(r"{%\s*(url|load)", path.read_text())] == []
    assert 'href="/legal/children/"' in notice("privacy").html


UNTRUE = (
    "页面上只显示头尾",
    "查看与更改留有记录",
    "发到该号码的验证码核对",
    "马上办理",
    "马上停止",
    "什么也不会保存",
    "让你",
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_claim_nothing_the_software_does_not_do(document: str) -> None:
    text = Reader(notice(document).html).text
    assert [claim for claim in UNTRUE if claim in text] == []


def test_what_remains_of_a_forgotten_number_is_said() -> None:
    for document in ("terms", "children"):
        assert "读不出号码的摘要，最多 24 小时" in notice(document).html


def test_publishing_again_changes_nothing() -> None:
    before = list(ConsentNotice.objects.values())
    assert load_documents() == Published(published=0, unchanged=3)
    assert list(ConsentNotice.objects.values()) == before


def test_a_published_version_is_never_published_with_another_text() -> None:
    with pytest.raises(EditionRefused, match=r"terms 1\.0 .* Publish a new version"):
        load_documents(editions=[reworded("1.0")])
    assert notice("terms").html == EDITIONS[0].render()


@pytest.mark.clause("L-PP-4.8-3")
def test_an_amended_document_is_announced_a_week_before_it_applies() -> None:
    today = timezone.localdate()
    assert load_documents(editions=[*EDITIONS, reworded()]).published == 1

    announced = ConsentNotice.objects.get(document="terms", version="1.1")
    assert announced.published_at == today
    assert announced.effective_at == today + timedelta(days=7)
    assert notice("terms").version == "1.0"
    published = AuditEvent.objects.get(action="document.published", target=name_of(announced))
    assert published.detail == {"document": "terms", "version": "1.1"}

    a_week_on = ConsentNotice.objects.in_force(today + timedelta(days=7))
    assert {found.document: found.version for found in a_week_on} == {
        "terms": "1.1",
        "privacy": "1.0",
        "children": "1.0",
    }


def test_an_edition_that_is_being_replaced_keeps_the_text_it_was_published_with() -> None:
    load_documents(editions=[*EDITIONS, reworded()])
    assert load_documents(editions=[reworded("1.0"), reworded()]).published == 0


def test_a_document_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(DocumentUnknown) as unknown:
        notice("nonsense")
    assert unknown.value.document == "nonsense"


# The database itself


def test_the_database_refuses_a_hash_that_is_not_of_the_text() -> None:
    with pytest.raises(IntegrityError, match="notice_hash_is_of_the_text"), transaction.atomic():
        ConsentNotice.objects.create(**_row(sha256="0" * 64))


def test_the_database_refuses_a_version_that_applies_before_it_is_published() -> None:
    with pytest.raises(IntegrityError, match="notice_published_before_effect"), transaction.atomic():
        ConsentNotice.objects.create(**_row(effective_at=date(2020, 1, 1)))


def _row(**changes: Any) -> dict[str, Any]:
    return {
        "document": Document.TERMS,
        "version": "9.9",
        "title": "t",
        "scope": "s",
        "rank": 1,
        "html": "<p>文</p>",
        "sha256": sha256("<p>文</p>".encode()).hexdigest(),
        "published_at": date(2030, 1, 1),
        "effective_at": date(2030, 1, 1),
    } | changes


@pytest.mark.clause("L-PP-4.8-5")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_consentnotice SET html = 'x'",
        "DELETE FROM consent_consentnotice",
        "TRUNCATE consent_consentnotice CASCADE",
    ],
)
def test_nobody_changes_a_published_document(statement: str, owner_cursor: Cursor) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(psycopg2.errors.RestrictViolation, match="append-only"):
        owner_cursor.execute(statement)


# Pages


@pytest.mark.clause("L-SITE-23")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_has_a_public_page_with_version_and_date(document: str) -> None:
    response = Client().get(f"/legal/{document}/")
    page = response.content.decode()
    assert response.status_code == 200
    assert notice(document).html in page
    assert "1.0" in page
    assert "2026 年 11 月 1 日" in page
    assert f'href="/legal/{document}/versions/"' in page
    assert f'href="/legal/{document}/versions/1.0/download/"' in page


@pytest.mark.parametrize("page", ["", "versions/", "versions/1.0/", "download/"])
def test_reading_documents_needs_no_cookie_and_sets_only_the_one_for_posting(page: str) -> None:
    response = Client().get(f"/legal/privacy/{page}")
    assert set(response.cookies) == {settings.CSRF_COOKIE_NAME}
    assert re.fullmatch(r"private, max-age=(29|30)", response["Cache-Control"])


@pytest.mark.clause("L-PP-0-2")
@pytest.mark.parametrize("document", ["terms", "privacy"])
@pytest.mark.parametrize("page", ["", "versions/1.0/", "download/", "versions/1.0/download/"])
def test_clauses_that_limit_liability_are_strong_wherever_the_text_is_read(document: str, page: str) -> None:
    limiting = clauses(notice(document).html)
    assert len(limiting) >= 2
    read = Reader(Client().get(f"/legal/{document}/{page}").content.decode())
    for clause in limiting:
        assert clause in read.strong


@pytest.mark.clause("L-PP-0-3")
def test_a_download_is_a_file_that_proves_itself() -> None:
    response = Client().get("/legal/terms/download/")
    kept = response.content.decode()
    found = notice("terms")
    assert response["Content-Disposition"] == 'attachment; filename="terms-1.0.html"'
    assert kept.lstrip().lower().startswith("<!doctype html>")
    assert found.html in kept
    assert found.sha256 in kept
    assert found.title in kept
    assert "1.0" in kept
    assert re.search(r"<(script|link|img)", kept) is None


@pytest.mark.clause("L-PP-4.8-5")
def test_the_archive_keeps_every_version_readable() -> None:
    load_documents(editions=[*EDITIONS, reworded()])
    archive = Client().get("/legal/terms/versions/").content.decode()
    assert re.findall(r'href="/legal/terms/versions/([0-9.]+)/"', archive) == ["1.1", "1.0"]
    assert "改了几个字" in Client().get("/legal/terms/versions/1.1/").content.decode()
    assert "先看这几句" in Client().get("/legal/terms/versions/1.0/").content.decode()
    assert "先看这几句" in Client().get("/legal/terms/").content.decode()


def test_a_replaced_version_says_so_and_leads_to_the_one_in_force(time_machine: TimeMachineFixture) -> None:
    load_documents(editions=[*EDITIONS, reworded()])
    time_machine.move_to(timezone.now() + timedelta(days=8))
    old = Client().get("/legal/terms/versions/1.0/")
    assert old.context["outdated"] is True
    assert 'href="/legal/terms/"' in old.content.decode()
    assert Client().get("/legal/terms/versions/1.1/").context["outdated"] is False
    assert "改了几个字" in Client().get("/legal/terms/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/legal/nonsense/",
        "/legal/nonsense/versions/",
        "/legal/nonsense/download/",
        "/legal/terms/versions/9.9/",
        "/legal/terms/versions/9.9/download/",
        "/legal/terms/versions/1/",
        "/legal/terms/versions/\uff11.\uff10/",
        "/legal/terms/versions/1.0%00/",
        "/legal/terms%00/",
    ],
)
def test_what_does_not_exist_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_pages_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for page in ("", "download/", "versions/1.0/download/"):
        with django_assert_num_queries(1):
            Client().get(f"/legal/terms/{page}")


def test_the_api_lists_the_documents_in_force(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        response = Client().get("/api/v1/documents/")
    assert response.status_code == 200
    assert not response.cookies
    assert response.json() == [
        {
            "document": found.document,
            "version": "1.0",
            "title": found.title,
            "url": f"/legal/{found.document}/versions/1.0/",
            "sha256": found.sha256,
            "declaration": declaration_text(acting_role_for(found.document)),
        }
        for found in current_notices()
    ]


def test_editions_are_dated_and_distinct() -> None:
    assert len({(edition.document, edition.version) for edition in EDITIONS}) == len(EDITIONS)
    assert all(edition.published_on <= edition.effective_on for edition in EDITIONS)
