"""The ways to the open door: every footer, security.txt, the documents; and what keeps a receipt number unseen."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.models import User
from leap.logging import redact
from privacy.consent.operator import operator
from privacy.rights.models import DataSubjectRequest
from tests.families import a_guardian
from tests.website.test_ask import DOOR, post, receipt_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

LINK = 'href="/privacy/ask/"'


def footer_of(page: str) -> str:
    found = re.search(r"<footer.*?</footer>", page, re.DOTALL)
    assert found
    return found[0]


@pytest.mark.clause("LAW-58")
@pytest.mark.parametrize(
    "path",
    ["/", "/cities/", "/trial/", "/account/login/", "/legal/privacy/", "/legal/cookies/", DOOR, "/nothing/"],
)
def test_every_footer_leads_there(client: Client, path: str) -> None:
    assert LINK in footer_of(client.get(path).content.decode())


@pytest.mark.parametrize(
    "path", ["/account/", "/account/bookings/", "/account/children/", "/account/privacy/"]
)
def test_and_those_of_the_account(client: Client, path: str) -> None:
    client.force_login(a_guardian())
    assert LINK in footer_of(client.get(path).content.decode())


@pytest.mark.parametrize("path", ["/staff/", "/staff/today/", "/staff/requests/"])
def test_and_those_of_staff(client: Client, path: str) -> None:
    client.force_login(User.objects.create_superuser("officer", "paper-puppet-theatre-7"))
    assert LINK in footer_of(client.get(path).content.decode())
    assert LINK in footer_of(Client().get("/staff/login/").content.decode())


@pytest.mark.parametrize("status", [500, 503])
def test_and_those_of_pages_that_say_a_store_is_gone(status: int) -> None:
    assert LINK in footer_of(render_to_string(f"errors/{status}.html"))


@pytest.mark.clause("LAW-56")
@pytest.mark.clause("L-UA-3.3")
def test_security_txt_names_the_door_and_the_department(client: Client) -> None:
    answer = client.get("/.well-known/security.txt")

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = [line.split(": ", 1) for line in answer.content.decode().splitlines()]
    told = [value for name, value in lines if name == "Contact"]
    assert told[0].endswith("/privacy/ask/?about=flaw")
    assert told[1] == f"mailto:{operator().privacy_mail}"
    fields: dict[str, Any] = dict(lines)
    expires = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=90) < expires - timezone.now() < timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")
    assert client.get(told[0].removeprefix("http://127.0.0.1:8000")).status_code == 200


@pytest.mark.clause("LAW-56")
def test_a_flaw_reaches_the_officer_at_once(client: Client) -> None:
    post(client, about="flaw", words="改一下网址就能看到别人的预约")
    assert DataSubjectRequest.objects.get().at_once


@pytest.mark.clause("X2-11.1")
@pytest.mark.parametrize("document", ["terms", "privacy", "children"])
def test_every_document_says_how_to_reach_us(client: Client, document: str) -> None:
    page = client.get(f"/legal/{document}/").content.decode().split("<main")[1].split("</main")[0]
    now = operator()
    for told in (LINK, now.privacy_department, now.privacy_phone, now.privacy_hours, now.privacy_mail):
        assert told in page


def test_the_policy_says_how_to_use_each_right(client: Client) -> None:
    rights = client.get("/legal/privacy/").content.decode().split("privacy-10")[2].split("privacy-11")[0]
    for told in (
        *("查看", "复制", "更正", "限制使用", "撤回同意", "删除", "注销", "转给您指定的机构", "说明规则"),
        *("15 个工作日", "15 日内", "七天内、最多下载三次", "不收费", "12377", "人民法院", "回执号", "去世"),
    ):
        assert told in rights, told


def test_a_receipt_number_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receipt = receipt_in(post(client))
    for address in (receipt, receipt.lower(), receipt.replace("-", "")):
        client.get(f"{DOOR}{address}/")
        client.post(f"{DOOR}{address}/", {"action": "send_code", "phone": "x"})
        for line in (f"GET {DOOR}{address}/ failed", f"Not Found: {DOOR}{address}/?new"):
            assert address not in redact(line)
    written = " ".join(
        record.getMessage() + str(record.__dict__) for record in caplog.records if "leap" in record.name
    )
    assert "privacy/ask/<str:receipt>/" in written
    assert receipt[:11] not in written
