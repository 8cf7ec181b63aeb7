"""The sentence a record names is the sentence that was shown, on the page and over the API."""

import html
import re

import pytest
from django.test import Client

from privacy.consent import declarations
from privacy.consent.enums import ActingRole
from privacy.consent.models import ConsentRecord
from tests.people import book, new_phone

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def lines(page: str) -> list[str]:
    """The labels of the ticks, as people read them."""
    found = re.findall(r'<label class="check".*?</label>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", label)).strip() for label in found]


@pytest.mark.clause("L-PP-2-1.3b")
def test_what_is_recorded_was_shown_on_the_page() -> None:
    client = Client()
    terms, policy = lines(client.get("/trial/").content.decode())
    book(client, new_phone())
    for kept in ConsentRecord.objects.all():
        assert terms.startswith(declarations.DECLARATIONS[kept.declaration] + "。")
    assert "《用户协议》" in terms
    assert "《隐私政策》" in policy


@pytest.mark.clause("L-PP-2-1.3b")
def test_another_wording_is_shown_everywhere_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    role = ActingRole.GUARDIAN_OR_AUTHORISED
    monkeypatch.setitem(declarations.DECLARATIONS, "guardian_or_authorised.2", "换了一句话")
    monkeypatch.setitem(declarations._SHOWN, role, "guardian_or_authorised.2")
    client = Client()
    assert lines(client.get("/trial/").content.decode())[0].startswith("换了一句话。")
    listed = client.get("/api/v1/documents/").json()
    assert {entry["document"]: entry["declaration"] for entry in listed} == {
        "terms": "换了一句话",
        "privacy": "换了一句话",
        "children": declarations.declaration_text(ActingRole.GUARDIAN),  # the guardian alone decides
    }
    book(client, new_phone())
    assert {kept.declaration for kept in ConsentRecord.objects.all()} == {"guardian_or_authorised.2"}
