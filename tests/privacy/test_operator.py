"""Who runs the service is held once: whatever is changed there is found wherever it belongs."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from kit.page_cache import forget_pages
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE, MINORS_OFFICER, PRIVACY_OFFICER
from privacy.audit.models import AuditEvent
from privacy.consent.documents import EDITIONS, Edition
from privacy.consent.models import ConsentNotice, OperatorData
from privacy.consent.operator import SEED, documents_telling_otherwise, operator
from privacy.consent.services import Published, load_documents
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(databases=["default"])
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROW = "/staff/consent/operatordata/1/change/"
PAGES = ("/", "/legal/cookies/")
DOCUMENTS = ("/legal/terms/", "/legal/privacy/", "/legal/children/versions/1.0/", "/legal/privacy/download/")

# Field → what it is changed to, what people then read, and where.
CHANGES: dict[str, tuple[object, str, tuple[str, ...]]] = {
    "brand": ("励步别院", "励步别院", (*PAGES, *DOCUMENTS)),
    "brand_short": ("别院", " · 别院 Leap Space</title>", PAGES),
    "brand_english": ("Leap Yard", "Leap Yard", PAGES),
    "company": ("另一家公司", "另一家公司", (*PAGES, *DOCUMENTS)),
    "registered_address": ("上海市注册路 3 号", "上海市注册路 3 号", DOCUMENTS),
    "contact_address": ("上海市联系路 4 号", "上海市联系路 4 号", (*PAGES, *DOCUMENTS)),
    "hotline": ("021-1234-5678", 'href="tel:02112345678">021-1234-5678</a>', (*PAGES, *DOCUMENTS)),
    "hotline_note": ("（换了）", "（换了）", (*PAGES, *DOCUMENTS)),
    "opens_at": (time(8, 15), "8:15–18:30，法定节假日除外", (*PAGES, *DOCUMENTS)),
    "closes_at": (time(20, 5), "9:30–20:05，法定节假日除外", (*PAGES, *DOCUMENTS)),
    "privacy_department": ("隐私办公室", "隐私办公室", DOCUMENTS),
    "privacy_phone": ("021-8765-4321", 'href="tel:02187654321">021-8765-4321</a>', DOCUMENTS),
    "privacy_opens_at": (time(10, 0), "工作日 10:00–18:00", DOCUMENTS),
    "privacy_closes_at": (time(16, 30), "工作日 9:30–16:30", DOCUMENTS),
    "privacy_mail": ("office@example.org", "office@example.org", DOCUMENTS),
    "icp": ("沪ICP备12345678号", "沪ICP备12345678号", PAGES),
    "police_filing": ("沪公网安备31000000000000号", "沪公网安备31000000000000号", PAGES),
    "wechat_account": ("另一个公众号", "微信公众号：另一个公众号", PAGES),
    "wechat_code": ("http://weixin.qq.com/r/abc", 'aria-label="微信公众号的二维码"', PAGES),
}


@pytest.fixture
def head_office() -> Client:
    return signed_in(a_member_of_staff(HEAD_OFFICE))


def fresh(address: str) -> str:
    """The page as a process shows it that has forgotten what it knew."""
    operator.forget()
    forget_pages()
    return str(Client().get(address).content.decode())


def unmarked(page: str) -> str:
    return re.sub(r' class="[^"]*"', "", page)


def test_every_field_has_its_places() -> None:
    own = {"id", "changed_at"}
    assert set(CHANGES) == {field.name for field in OperatorData._meta.fields} - own


@pytest.mark.clause("L-SITE-10")
@pytest.mark.parametrize("field", CHANGES)
def test_a_change_is_found_everywhere_it_belongs(field: str) -> None:
    value, words, places = CHANGES[field]
    before = {address: unmarked(fresh(address)) for address in places}
    OperatorData.objects.update(**{field: value})
    for address in places:
        assert words not in before[address], address
        assert words in unmarked(fresh(address)), address


@pytest.mark.parametrize("field", CHANGES)
def test_a_published_text_stays_and_proves_itself_whatever_changes(field: str) -> None:
    texts = dict(ConsentNotice.objects.values_list("document", "html"))
    OperatorData.objects.update(**{field: CHANGES[field][0]})
    operator.forget()
    assert load_documents() == Published(published=0, unchanged=len(EDITIONS))
    assert dict(ConsentNotice.objects.values_list("document", "html")) == texts
    for document, html in texts.items():
        assert html in fresh(f"/legal/{document}/")


@pytest.mark.clause("L-PP-4.8-2")
def test_a_document_says_what_changed_beside_its_text_and_only_then() -> None:
    assert "今天怎样联系我们" not in fresh("/legal/privacy/")
    assert documents_telling_otherwise() == []

    OperatorData.objects.update(contact_address="上海市联系路 4 号")
    page = fresh("/legal/privacy/")
    [told, today] = page.split('id="today"')
    assert 'href="#today"' in told
    assert SEED.contact_address in told
    assert "上海市联系路 4 号" in today
    assert documents_telling_otherwise() == ["用户协议", "隐私政策", "儿童个人信息规则"]


class NextTerms(Edition):
    """The terms in other words."""

    def render(self, told: Mapping[str, str] | None = None) -> str:
        return EDITIONS[0].render(told).replace("先看这几句", "改了几个字")


def test_the_next_edition_tells_todays_facts(time_machine: TimeMachineFixture) -> None:
    OperatorData.objects.update(company="另一家公司")
    operator.forget()
    [terms, *_rest] = EDITIONS
    assert terms.document == "terms"
    load_documents(editions=[*EDITIONS, NextTerms(**{**vars(terms), "version": "9.9"})])
    assert "另一家公司" in ConsentNotice.objects.get(version="9.9").html
    assert "另一家公司" not in ConsentNotice.objects.get(document="terms", version=terms.version).html

    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert "用户协议" not in documents_telling_otherwise()
    assert "今天怎样联系我们" not in fresh("/legal/terms/")
    assert "今天怎样联系我们" in fresh(f"/legal/terms/versions/{terms.version}/")


def test_reading_it_costs_one_query_and_then_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    operator.forget()
    with django_assert_num_queries(1):
        operator()
    with django_assert_num_queries(0):
        operator()


# Hours

DAY = datetime(2026, 11, 23, tzinfo=SHANGHAI)  # a Monday


@pytest.mark.clause("L-SITE-10")
@pytest.mark.parametrize(
    ("at", "answers"),
    [
        (DAY + timedelta(hours=9, minutes=29), False),
        (DAY + timedelta(hours=9, minutes=30), True),
        (DAY + timedelta(hours=18, minutes=29), True),
        (DAY + timedelta(hours=18, minutes=30), False),
        (DAY + timedelta(days=5, hours=12), True),  # Saturdays are not excepted
        (datetime(2026, 10, 1, 12, tzinfo=SHANGHAI), False),  # National Day
        (datetime(2026, 10, 5, 12, tzinfo=SHANGHAI), False),  # a day off around it
    ],
)
def test_the_hotline_is_answered_in_its_hours_and_not_on_statutory_holidays(
    at: datetime, answers: bool
) -> None:
    assert SEED.answers(at) is answers
    assert SEED.answers(at.astimezone(ZoneInfo("UTC"))) is answers


@pytest.mark.clause("L-SITE-10")
@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 9, 30, 12, tzinfo=SHANGHAI), "法定节假日除外，现在有人接。"),
        (datetime(2026, 10, 1, 12, tzinfo=SHANGHAI), "法定节假日除外，现在没人接。"),
        (datetime(2026, 9, 30, 21, tzinfo=SHANGHAI), "法定节假日除外，现在没人接。"),
        (datetime(2040, 9, 30, 12, tzinfo=SHANGHAI), "法定节假日除外。"),  # a year nobody has announced yet
    ],
)
def test_the_footer_says_whether_somebody_answers_now(
    at: datetime, words: str, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(at)
    assert words in fresh("/legal/cookies/")


# The database and the back office


def test_there_is_one_and_it_stays() -> None:
    with pytest.raises(IntegrityError, match="operator_is_one_row"), transaction.atomic():
        OperatorData.objects.update(id=2)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        OperatorData.objects.all().delete()


def test_hours_end_after_they_begin() -> None:
    with pytest.raises(IntegrityError, match="operator_hours_ordered"), transaction.atomic():
        OperatorData.objects.update(closes_at=time(9, 0))


def form(**changed: object) -> dict[str, object]:
    row = OperatorData.objects.values(*CHANGES).get()
    return {
        name: value.strftime("%H:%M") if isinstance(value, time) else value for name, value in row.items()
    } | changed


def test_head_office_edits_it_on_its_one_page_and_that_is_recorded(head_office: Client) -> None:
    assert head_office.get("/staff/consent/operatordata/")["Location"] == ROW
    assert head_office.post(ROW, form(company="另一家公司")).status_code == 302
    assert OperatorData.objects.get().company == "另一家公司"
    recorded = AuditEvent.objects.get(action="operatordata.changed")
    assert (recorded.actor_kind, recorded.target) == ("staff", "consent.operatordata/1")


def test_what_cannot_be_is_said_in_words(head_office: Client) -> None:
    page = head_office.post(ROW, form(closes_at="09:00", hotline="打给我")).content.decode()
    assert "热线的结束时间要晚于开始时间。" in page
    assert "请只填数字和 -" in page
    assert OperatorData.objects.get().hotline == SEED.hotline


@pytest.mark.parametrize("role", [CAMPUS, PRIVACY_OFFICER, MINORS_OFFICER, AUDITOR])
def test_it_is_head_offices_alone(role: str) -> None:
    browser = signed_in(a_member_of_staff(role))
    assert browser.get(ROW).status_code == 403
    assert browser.post(ROW, form(company="另一家公司")).status_code == 403
    assert "备案号还没填" not in browser.get("/staff/").content.decode()
    assert OperatorData.objects.get().company == SEED.company


@pytest.mark.parametrize("page", ["add/", "1/delete/"])
def test_none_is_added_and_none_deleted(head_office: Client, page: str) -> None:
    assert head_office.get(f"/staff/consent/operatordata/{page}").status_code == 403


@pytest.mark.clause("LAW-85")
def test_a_missing_filing_number_and_documents_that_differ_are_said(head_office: Client) -> None:
    assert "备案号还没填，或者还是演示用的" in head_office.get("/staff/").content.decode()

    OperatorData.objects.update(icp="沪ICP备12345678号", police_filing="沪公网安备31000000000000号")
    assert "备案号还没填" not in head_office.get(ROW).content.decode()

    OperatorData.objects.update(company="另一家公司")
    assert "《隐私政策》" in head_office.get(ROW).content.decode()


@pytest.mark.clause("LAW-85")
def test_home_shows_the_filing_numbers_each_leading_to_its_register() -> None:
    home = fresh("/")
    for number, register in (
        (SEED.icp, "https://beian.miit.gov.cn/"),
        (SEED.police_filing, "https://beian.mps.gov.cn/"),
    ):
        assert re.search(
            rf'<a[^>]* href="{re.escape(register)}" rel="noopener[^"]*">{re.escape(number)}', home
        )


def test_a_page_without_a_request_asks_no_store(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    operator.forget()
    with django_assert_num_queries(0):
        assert SEED.hotline in render_to_string("errors/503.html")
