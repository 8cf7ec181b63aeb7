"""Requests by API: asked once, followed by their owner alone, done at once where a function can."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.children import names_of
from enrollment.services.bookings import request_trial
from kit.workdays import add_workdays
from privacy.consent.models import ConsentRecord
from privacy.rights.enums import OPEN_TO_ALL, RequestKind
from privacy.rights.models import DataSubjectRequest, ExportPackage, Restriction
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.export.making import make
from privacy.rights.services.replying import reply
from privacy.rights.services.restricting import is_restricted
from tests.children import a_child
from tests.families import a_guardian, a_wish, acting
from tests.people import last_code, new_phone
from tests.queries import counted
from tests.restricting import agrees_again

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

URL = "/api/v1/data-subject-requests/"
CONTRACT = {
    *("access", "export", "rectify", "erase", "restrict", "withdraw", "close_account"),
    *("explain", "transfer", "complaint", "question"),
}
NEED_FRESH = {"erase", "restrict", "withdraw", "close_account"}


@pytest.fixture
def phone() -> str:
    return new_phone()


@pytest.fixture
def guardian(client: Client, phone: str) -> User:
    mine = a_guardian(phone)
    client.force_login(mine)
    return mine


@pytest.fixture
def other() -> Client:
    """Somebody else, who asked for everything too."""
    elsewhere = Client()
    elsewhere.force_login(a_guardian())
    assert ask(elsewhere, kind="export").status_code == 201
    return elsewhere


def send(client: Client, address: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def ask(client: Client, name: str = "", **body: Any) -> Any:
    return send(client, URL, body, **({"Idempotency-Key": name} if name else {}))


def step_up(client: Client, phone: str, **changed: str) -> Any:
    """Prove the number once more, as a program does."""
    sent = send(client, "/api/v1/verification-codes/", {"phone": phone, "purpose": "confirm"})
    assert sent.status_code == 202
    body = {"challenge": sent.json()["challenge"], "code": last_code(phone), **changed}
    return send(client, "/api/v1/login/", body)


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# Asking


@pytest.mark.clause("L-UA-3.3")
@pytest.mark.parametrize("kind", RequestKind)
def test_every_kind_is_taken_in_with_its_day(client: Client, guardian: User, phone: str, kind: str) -> None:
    step_up(client, phone)

    answer = ask(client, kind=kind)

    assert answer.status_code == 201
    made = answer.json()
    today = timezone.localdate()
    workdays = kind in CONTRACT - {"complaint", "question"} or kind == "unlawful"
    due = add_workdays(today, 15) if workdays else today + timedelta(days=15)
    assert made["kind"] == kind
    assert made["due_at"].startswith(due.isoformat())
    assert made["due_at"].endswith("+08:00")
    assert [event["state"] for event in made["events"]][:2] == ["received", "accepted"]
    assert set(made["events"][0]) == {"at", "state"}
    assert len(made["id"]) == 22
    if kind in ("misuse", "close_account"):  # they sign out everywhere, here too
        assert problem(client.get(URL)) == (401, "login_required")
        return
    assert client.get(f"{URL}{made['id']}/").json() == made
    assert [row["id"] for row in client.get(URL).json()["results"]] == [made["id"]]


def test_the_contract_s_kinds_are_all_there() -> None:
    assert set(RequestKind.values) >= CONTRACT
    assert set(OPEN_TO_ALL) <= set(RequestKind)


def test_one_request_holds_several_rights(client: Client, guardian: User, phone: str) -> None:
    step_up(client, phone)
    made = ask(client, kind="rectify", kinds=["erase", "rectify"], words="号码旧了").json()
    assert made["rights"] == [
        {"kind": "rectify", "outcome": "pending"},
        {"kind": "erase", "outcome": "pending"},
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "gossip"}, "kind"),
        ({"kind": ["access"]}, "kind"),
        ({"kind": "access", "kinds": ["gossip"]}, "kinds.0"),
        ({"kind": "access", "words": "长" * 2001}, "words"),
        ({"kind": "access", "words": {}}, "words"),
        ({"kind": "access", "on_behalf": "neighbour"}, "on_behalf"),
        ({"kind": "access", "on_behalf": "ward"}, "child"),
        ({"kind": "access", "on_behalf": "ward", "child": {}}, "child.id"),
        ({"kind": "access", "child": {"id": "x"}}, "child"),
    ],
)
def test_what_is_wrong_is_named(client: Client, guardian: User, body: dict[str, Any], field: str) -> None:
    answer = send(client, URL, body)
    assert problem(answer) == (422, "invalid")
    assert list(answer.json()["errors"]) == [field]
    assert not DataSubjectRequest.objects.exists()


def test_the_same_name_is_the_same_request(client: Client, guardian: User, other: Client) -> None:
    first = ask(client, "mine", kind="rectify", words="一").json()

    assert ask(client, "mine", kind="rectify", words="一").json()["id"] == first["id"]
    assert problem(ask(client, "mine", kind="rectify", words="二")) == (409, "idempotency_conflict")
    assert problem(ask(client, "mine", kind="question", words="一")) == (409, "idempotency_conflict")
    assert ask(other, "mine", kind="rectify", words="一").json()["id"] != first["id"]
    assert problem(ask(client, "x" * 201, kind="question")) == (422, "invalid")
    assert DataSubjectRequest.objects.of(guardian.pk).count() == 1


def test_a_withdrawal_sent_again_after_agreeing_again_withdraws_nothing(
    client: Client, guardian: User, phone: str
) -> None:
    step_up(client, phone)
    first = ask(client, "mine", kind="withdraw", words="不想用了").json()
    assert DataSubjectRequest.objects.get().words == "不想用了"
    agrees_again(guardian)

    assert ask(client, "mine", kind="withdraw", words="不想用了").json()["id"] == first["id"]
    assert not is_restricted(guardian.pk)
    assert problem(ask(client, "mine", kind="withdraw")) == (409, "idempotency_conflict")
    assert ask(client, "another", kind="withdraw").json()["id"] != first["id"]
    assert is_restricted(guardian.pk)


def test_so_many_a_day_and_no_more(client: Client, guardian: User) -> None:
    for _ in range(30):
        assert ask(client, kind="question").status_code == 201
    refused = ask(client, kind="question")
    assert problem(refused) == (429, "rate_limited")
    assert int(refused["Retry-After"]) > 0


def test_strangers_are_told_to_sign_in_and_forms_of_others_are_refused() -> None:
    made = DataSubjectRequest.objects
    for answer in (
        Client().get(URL),
        ask(Client(), kind="question"),
        Client().get(f"{URL}x/"),
        Client().get(f"{URL}x/package/"),
        Client().get(f"{URL}x/certificate/"),
    ):
        assert problem(answer) == (401, "login_required")
    assert problem(ask(Client(enforce_csrf_checks=True), kind="question")) == (403, "csrf_failed")
    assert not made.exists()


# Whose it is


@pytest.mark.parametrize("path", ["", "package/", "certificate/"])
def test_others_do_not_exist(client: Client, guardian: User, other: Client, path: str) -> None:
    theirs = other.get(URL).json()["results"][0]["id"]
    row = DataSubjectRequest.objects.get(public_id=theirs)
    ExportPackage.objects.get(request=row)
    ask(client, kind="export")

    for name in (theirs, row.reference, str(row.pk), "x", "键", "A" * 3000):
        assert problem(client.get(f"{URL}{name}/{path}")) == (404, "not_found")
    assert len(client.get(URL).json()["results"]) == 1


def test_somebody_who_asked_at_the_door_is_nobody_here(client: Client, guardian: User) -> None:
    client.logout()
    client.post("/privacy/ask/", {"about": "question", "words": "喂"})
    row = DataSubjectRequest.objects.get()
    signed_in = Client()
    signed_in.force_login(guardian)
    assert problem(signed_in.get(f"{URL}{row.public_id}/")) == (404, "not_found")


def test_a_suspended_account_keeps_its_rights(client: Client, guardian: User) -> None:
    client.force_login(guardian, backend="accounts.browser.ByCode")
    User.objects.filter(pk=guardian.pk).update(is_active=False)
    made = ask(client, kind="export")
    assert made.status_code == 201
    assert client.get(f"{URL}{made.json()['id']}/").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_however_long(client: Client, guardian: User, count: int) -> None:
    for _ in range(count):
        ask(client, kind="question", words="喂")
    client.get(URL)
    with counted(default=5):
        assert len(client.get(URL).json()["results"]) == count


# A fresh code


@pytest.mark.parametrize("kind", sorted(NEED_FRESH))
def test_what_changes_much_needs_a_fresh_code(client: Client, guardian: User, phone: str, kind: str) -> None:
    refused = ask(client, kind=kind)
    assert problem(refused) == (403, "forbidden")
    assert "confirm" in refused.json()["detail"]
    assert not DataSubjectRequest.objects.exists()

    assert step_up(client, phone).status_code == 200

    assert ask(client, kind=kind).status_code == 201
    assert DataSubjectRequest.objects.get().identity == "stepped_up"


def test_a_code_confirms_whose_number_it_was_sent_to_and_lets_nobody_in(
    client: Client, guardian: User, phone: str
) -> None:
    assert problem(step_up(client, new_phone())) == (422, "code_invalid")
    assert problem(step_up(client, phone, code="000000")) == (422, "code_invalid")
    assert problem(ask(client, kind="erase")) == (403, "forbidden")

    stranger = Client()
    assert problem(step_up(stranger, new_phone())) == (422, "code_invalid")
    assert stranger.get("/api/v1/me/").json() == {"authenticated": False}


def test_a_ward_needs_a_fresh_code_and_has_to_be_one_s_own(
    client: Client, guardian: User, phone: str
) -> None:
    a_child(guardian)
    a_child(a_guardian())
    mine = client.get("/api/v1/children/").json()["results"][0]["id"]
    for_child = {"kind": "rectify", "on_behalf": "ward", "child": {"id": mine}}
    assert problem(send(client, URL, for_child)) == (403, "forbidden")
    step_up(client, phone)

    assert send(client, URL, for_child).status_code == 201
    for wrong in ("x", ""):
        refused = send(client, URL, {**for_child, "child": {"id": wrong}})
        assert problem(refused) == (422, "invalid")
    row = DataSubjectRequest.objects.get()
    assert (row.on_behalf, row.concerning_id is not None) == ("ward", True)


# What a function does at once


@pytest.mark.parametrize("kind", ["access", "explain"])
def test_seeing_and_explaining_are_answered_at_once(client: Client, guardian: User, kind: str) -> None:
    made = ask(client, kind=kind).json()
    assert made["state"] == "fulfilled"
    assert made["rights"] == [{"kind": kind, "outcome": "granted"}]
    assert "人民法院" in made["replies"][0]["remedies"]
    assert ask(client, kind=kind, words="我还想知道一件事").json()["state"] == "accepted"


def test_restricting_works_at_once(client: Client, guardian: User, phone: str) -> None:
    step_up(client, phone)
    made = ask(client, kind="restrict").json()
    assert made["state"] == "fulfilled"
    assert Restriction.objects.standing().of(guardian.pk).exists()


def test_what_people_decide_waits_for_them(client: Client, guardian: User) -> None:
    made = ask(client, kind="question", words="存多久？").json()
    officer = User.objects.create_superuser("officer", "paper-puppet-theatre-7")
    row = DataSubjectRequest.objects.get(public_id=made["id"])
    ask_back(request=row, question="哪一类信息？", by=acting(officer))
    asked = client.get(f"{URL}{made['id']}/").json()
    assert (asked["state"], asked["question"]) == ("need_info", "哪一类信息？")
    assert str(officer.pk) not in str(asked)


def test_a_reply_is_read_by_its_owner(client: Client, guardian: User) -> None:
    made = ask(client, kind="question", words="存多久？").json()
    officer = User.objects.create_superuser("officer", "paper-puppet-theatre-7")
    row = DataSubjectRequest.objects.get(public_id=made["id"])
    reply(request=row, body="预约结束后三年，逾期删除。", final=True, by=acting(officer))
    read = client.get(f"{URL}{made['id']}/").json()
    assert read["state"] == "fulfilled"
    assert read["replies"][0]["body"].startswith("预约结束后三年")
    assert "officer" not in str(read)


# The copy, the certificate


def test_a_copy_is_not_ready_then_fetched_thrice_then_gone(
    client: Client, guardian: User, phone: str
) -> None:
    made = ask(client, kind="export").json()
    package = f"{URL}{made['id']}/package/"
    assert problem(client.get(package)) == (409, "not_ready")
    row = ExportPackage.objects.get(request__public_id=made["id"])
    make(package_id=row.pk)
    assert problem(client.get(package)) == (403, "forbidden")
    step_up(client, phone)

    assert client.head(package).status_code == 405
    for _ in range(3):
        fetched = client.get(package)
        assert (fetched.status_code, fetched["Content-Type"]) == (200, "application/zip")
        assert b"".join(fetched.streaming_content).startswith(b"PK")
        assert "no-store" in fetched["Cache-Control"]
    assert problem(client.get(package)) == (410, "expired")


def test_a_copy_is_gone_after_seven_days(client: Client, guardian: User, phone: str) -> None:
    made = ask(client, kind="export").json()
    row = ExportPackage.objects.get(request__public_id=made["id"])
    make(package_id=row.pk)
    ago = timezone.now() - timedelta(days=7, seconds=1)
    ExportPackage.objects.filter(pk=row.pk).update(ready_at=ago, expires_at=ago + timedelta(days=7))
    step_up(client, phone)
    assert problem(client.get(f"{URL}{made['id']}/package/")) == (410, "expired")


@pytest.mark.parametrize("kind", ["question", "access", "rectify"])
def test_other_kinds_have_no_copy(client: Client, guardian: User, kind: str) -> None:
    made = ask(client, kind=kind).json()
    assert problem(client.get(f"{URL}{made['id']}/package/")) == (404, "not_found")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("erase", (409, "not_ready")), ("close_account", (409, "not_ready")), ("export", (404, "not_found"))],
)
def test_a_certificate_is_of_what_was_erased(
    client: Client, guardian: User, phone: str, kind: str, answer: tuple[int, str]
) -> None:
    step_up(client, phone)
    made = ask(client, kind=kind).json()
    assert problem(client.get(f"{URL}{made['id']}/certificate/")) == answer


# Taking consent back


def withdraw(client: Client, purpose: str) -> Any:
    return client.post(f"/api/v1/consents/{purpose}/withdraw/")


@pytest.mark.parametrize("document", ["terms", "privacy"])
def test_taking_a_document_back_ends_all_that_rests_on_it(
    client: Client, guardian: User, phone: str, document: str
) -> None:
    request_trial(guardian=guardian, request=a_wish())
    assert problem(withdraw(client, document)) == (403, "forbidden")
    step_up(client, phone)

    for _ in range(2):
        answer = withdraw(client, document)
        assert (answer.status_code, answer.json()["purpose"]) == (200, document)
        assert answer.json()["state"] == "withdrawn"

    row = DataSubjectRequest.objects.of(guardian.pk).get()
    assert [right.kind for right in row.rights.all()] == ["withdraw", "erase"]
    assert row.entrance == "api"
    assert Restriction.objects.standing().of(guardian.pk).exists()
    assert not ConsentRecord.objects.filter(subject_id=guardian.pk, state="refused").exists()


def test_children_s_consent_is_taken_back_for_all_of_them(client: Client, guardian: User) -> None:
    stranger = a_guardian()
    theirs = a_child(stranger)
    for nickname in ("小满", "小暑", "小雪"):
        a_child(guardian, nickname=nickname)

    answer = withdraw(client, "children")

    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert client.get("/api/v1/children/").json()["results"] == []
    assert list(names_of(guardian=stranger)) == [theirs]


def test_nothing_given_nothing_taken_back(client: Client, guardian: User) -> None:
    assert problem(withdraw(client, "children")) == (404, "not_found")
    assert problem(withdraw(client, "gossip")) == (404, "not_found")
