"""The optional consents: asked for by themselves, given by nobody's silence, taken back as easily as given."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services.consents import MOST_YESES
from enrollment.services.bookings import request_trial
from privacy.audit.models import AuditEvent
from privacy.consent.choices import OPTIONAL
from privacy.consent.models import ConsentRecord
from privacy.consent.services import notice
from tests.children import a_child
from tests.families import a_guardian, a_wish
from tests.people import book, new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CONSENTS = "/api/v1/consents/"


@pytest.fixture
def guardian(client: Client) -> User:
    """Somebody signed in; and somebody else, who agreed to everything."""
    other = a_guardian()
    client.force_login(other)
    for purpose in OPTIONAL:
        give(client, purpose)
    mine = a_guardian()
    client.force_login(mine)
    return mine


def give(client: Client, purpose: str) -> Any:
    return client.post(CONSENTS, {"purpose": purpose}, content_type="application/json")


def withdraw(client: Client, purpose: str) -> Any:
    return client.post(f"{CONSENTS}{purpose}/withdraw/")


def states(client: Client) -> list[tuple[str, str]]:
    return [(row["purpose"], row["state"]) for row in client.get(CONSENTS).json()]


@pytest.mark.clause("L-PP-4.7-4.1")
@pytest.mark.parametrize("purpose", OPTIONAL)
def test_an_optional_purpose_is_given_and_taken_back(client: Client, guardian: User, purpose: str) -> None:
    assert states(client) == []

    given = give(client, purpose)
    assert given.status_code == 201
    assert set(given.json()) == {"purpose", "document", "version", "state", "at"}
    assert given.json()["document"] == "privacy"
    assert given.json()["version"] == notice("privacy").version
    assert states(client) == [(purpose, "given")]
    assert withdraw(client, purpose).json()["state"] == "withdrawn"
    assert states(client) == [(purpose, "withdrawn")]
    assert give(client, purpose).json()["state"] == "given"

    mine = ConsentRecord.objects.filter(subject_id=guardian.pk)
    assert {(kept.purpose, kept.concerning_id, kept.channel) for kept in mine} == {(purpose, None, "api")}
    deeds = AuditEvent.objects.filter(subject_id=guardian.pk, action__startswith="consent.")
    assert list(deeds.order_by("pk").values_list("action", flat=True)) == [
        "consent.given",
        "consent.withdrawn",
        "consent.given",
    ]


def test_the_same_again_is_no_second_decision(client: Client, guardian: User) -> None:
    for _ in range(3):
        give(client, "survey")
    for _ in range(3):
        withdraw(client, "survey")

    assert ConsentRecord.objects.filter(subject_id=guardian.pk).count() == 2


def test_a_no_before_any_yes_is_a_refusal(client: Client, guardian: User) -> None:
    assert withdraw(client, "marketing_sms").json()["state"] == "refused"


def test_documents_are_listed_and_neither_given_nor_taken_back_lightly(
    client: Client, guardian: User
) -> None:
    request_trial(guardian=guardian, request=a_wish())
    child = a_child(guardian)
    give(client, "marketing_sms")

    rows = {row["purpose"]: row for row in client.get(CONSENTS).json()}

    assert list(rows) == ["terms", "privacy", "children", "marketing_sms"]
    assert child.hex not in str(rows).replace("-", "")
    for document in ("terms", "privacy"):
        refused = withdraw(client, document)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert "confirm" in refused.json()["detail"]
    for document in ("terms", "privacy", "children"):
        assert give(client, document).status_code == 422
    assert ("children", "given") in states(client)


@pytest.mark.parametrize("purpose", ["gossip", "", None, 7, ["survey"]])
def test_a_purpose_nobody_knows_is_wrong(client: Client, guardian: User, purpose: Any) -> None:
    assert give(client, purpose).json()["code"] == "invalid"
    assert withdraw(client, "gossip").status_code == 404
    assert states(client) == []


def test_strangers_are_told_to_sign_in() -> None:
    anybody = Client()
    for answer in (anybody.get(CONSENTS), give(anybody, "survey"), withdraw(anybody, "survey")):
        assert (answer.status_code, answer.json()["code"]) == (401, "login_required")
    assert (
        Client().post("/account/offers/", {"offers": "yes"})["Location"]
        == "/account/login/?next=%2Faccount%2F"
    )
    assert not ConsentRecord.objects.exists()


def test_a_yes_can_be_given_so_often_a_day_and_a_no_always(client: Client, guardian: User) -> None:
    for _ in range(MOST_YESES):
        give(client, "survey")
        withdraw(client, "survey")

    assert give(client, "survey").json()["code"] == "rate_limited"
    assert withdraw(client, "survey").status_code == 200
    assert client.post("/account/offers/", {"offers": "yes"}).status_code == 303


@pytest.mark.clause("X2-2.2.5a")
def test_booking_neither_asks_for_nor_gives_any_of_them(client: Client) -> None:
    page = client.get("/trial/").content.decode()
    book(client, new_phone())

    assert "推广" not in page
    assert set(ConsentRecord.objects.values_list("purpose", flat=True)) == {"terms", "privacy"}


def test_the_account_page_has_one_button_for_it_the_same_on_and_off(client: Client, guardian: User) -> None:
    shown = []
    for press, state in (("yes", "开着"), ("no", "关着")):
        page = client.get("/account/").content.decode()
        shown.append(button(page))
        assert 'type="checkbox"' not in page
        assert client.post("/account/offers/", {"offers": press})["Location"] == "/account/#messages"
        assert f"推广短信：{state}" in client.get("/account/").content.decode()

    (before, opens), (after, closes) = shown
    assert (opens, closes) == ("yes", "no")
    assert before == after
    assert ConsentRecord.objects.filter(subject_id=guardian.pk, channel="web").count() == 2


def button(page: str) -> tuple[str, str]:
    """How the button looks and what it sends."""
    found = re.search(r'<button class="([^"]+)" type="submit" name="offers" value="(\w+)"', page)
    assert found
    return found[1], found[2]


def test_reading_the_address_of_the_switch_switches_nothing(client: Client, guardian: User) -> None:
    assert client.get("/account/offers/?offers=yes").status_code == 405
    assert client.post("/account/offers/", {"offers": ""}).status_code == 303
    assert not ConsentRecord.objects.filter(subject_id=guardian.pk, state="given").exists()
