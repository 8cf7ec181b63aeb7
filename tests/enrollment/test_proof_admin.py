"""What the back office shows of the proofs of the seat ledger."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from enrollment.models import LedgerProof
from enrollment.services.laws import LAWS
from leap.roles import AUDITOR, CAMPUS, HEAD_OFFICE
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PAGE = "/staff/enrollment/ledgerproof/"


def a_proof(started_at: datetime | None = None, **broken: int) -> LedgerProof:
    started_at = started_at or timezone.now()
    return LedgerProof.objects.create(
        started_at=started_at,
        finished_at=started_at + timedelta(seconds=2),
        holds=not broken,
        findings={law.name: 0 for law in LAWS} | broken,
    )


@pytest.fixture
def auditor() -> Client:
    return signed_in(a_member_of_staff(AUDITOR))


def test_the_list_says_when_and_with_what_result(auditor: Client) -> None:
    a_proof(no_class_oversold=2)
    a_proof()

    shown = auditor.get(PAGE).content.decode()

    assert "什么时候核对过" in shown
    assert f"✓ {len(LAWS)} 条规则全部成立" in shown
    assert f"✗ 1 条规则不成立（共 {len(LAWS)} 条）" in shown


def test_one_proof_shows_every_law_in_words(auditor: Client) -> None:
    proof = a_proof(no_class_oversold=2, a_law_of_long_ago=0)

    shown = auditor.get(f"{PAGE}{proof.pk}/change/").content.decode()

    broken, *rest = LAWS
    assert f"✗ {broken.words}：2 处不成立" in shown
    assert all(f"<li>✓ {law.words}</li>" in shown for law in rest)
    assert "✓ a_law_of_long_ago" in shown


@pytest.mark.parametrize("role", [AUDITOR, HEAD_OFFICE])
def test_nobody_writes_one_by_hand(role: str) -> None:
    client, proof = signed_in(a_member_of_staff(role)), a_proof()

    assert client.post(f"{PAGE}add/").status_code == 403
    assert client.post(f"{PAGE}{proof.pk}/change/", {"holds": ""}).status_code == 403
    assert client.post(f"{PAGE}{proof.pk}/delete/", {"post": "yes"}).status_code == 403


def first_page(role: str) -> str:
    return signed_in(a_member_of_staff(role)).get("/staff/").content.decode()


@pytest.mark.parametrize(
    ("proof", "level", "said"),
    [
        (None, "info", "座位账还没有核对过"),
        ({}, "info", "条规则全部成立"),
        ({"no_class_oversold": 1}, "error", "1 条规则不成立"),
        ({"started_at": timezone.now() - timedelta(hours=27)}, "warning", "已经一天多没有核对了"),
    ],
)
def test_the_first_page_says_when_the_ledger_was_checked(
    proof: dict[str, object] | None, level: str, said: str
) -> None:
    if proof is not None:
        a_proof(**proof)

    shown = first_page(AUDITOR)

    assert f'<li class="{level}">座位账' in shown
    assert said in shown


def test_superusers_are_told_and_the_campus_is_not(client: Client) -> None:
    a_proof()
    client.force_login(User.objects.create_superuser("root", "paper-puppet-theatre-7"))

    assert "座位账" in client.get("/staff/").content.decode()
    assert "核对过" not in first_page(CAMPUS)
