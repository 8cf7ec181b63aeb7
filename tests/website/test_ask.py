"""The door without a login: anybody asks, is told a receipt number once, and follows it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kit.workdays import add_workdays
from privacy.keystore.models import SubjectKey
from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from tests.families import a_guardian
from tests.own_pages import an_hour_passes, comes_in
from tests.people import new_phone
from website.ask_forms import CLAIMS, TALK

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

DOOR = "/privacy/ask/"
RECEIPT = re.compile(r"[A-Z0-9]{5}(?:-[A-Z0-9]{5}){3}")


def post(client: Client, **typed: Any) -> Any:
    """What a browser posts from an open form."""
    return client.post(DOOR, {"about": "question", "words": "你们存了我什么？", "for_whom": "self", **typed})


def receipt_in(response: Any) -> str:
    """The receipt number that the answer leads to."""
    assert response.status_code == 303, response.content.decode()
    found = RECEIPT.search(response["Location"])
    assert found
    return found[0]


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.clause("LAW-58")
@pytest.mark.clause("LAW-24")
@pytest.mark.parametrize("kind", RequestKind)
def test_anybody_asks_anything_without_a_login(client: Client, kind: RequestKind) -> None:
    response = post(client, about=kind)

    assert response["Location"].startswith(DOOR)
    row = DataSubjectRequest.objects.get()
    open_kind = kind in TALK or kind in (RequestKind.EXPLAIN, RequestKind.UNLAWFUL)
    assert row.state == (RequestState.ACCEPTED if open_kind else RequestState.VERIFYING)
    assert (row.kind, row.entrance, row.identity, row.known) == (kind, "door", "unknown", False)
    assert (row.words, row.phone) == ("你们存了我什么？", None)


def test_every_kind_can_be_ticked(client: Client) -> None:
    page = client.get(DOOR).content.decode()

    assert set(TALK) | set(CLAIMS) == set(RequestKind)
    assert sorted(re.findall(r'type="checkbox" name="about" value="(\w+)"', page)) == sorted(RequestKind)
    assert "checked" not in page.split('name="for_whom"')[0]


@pytest.mark.clause("L-UA-3.3")
@pytest.mark.parametrize("kind", ["flaw", "misuse", "leak"])
def test_an_address_may_say_what_it_is_about(client: Client, kind: str) -> None:
    page = client.get(f"{DOOR}?about={kind}&about=nonsense").content.decode()

    assert re.findall(r'value="(\w+)"[^>]* checked', page) == [kind, "self"]


def test_the_receipt_number_is_told_once_with_the_day_it_is_due(client: Client) -> None:
    response = post(client)
    receipt = receipt_in(response)

    first = client.get(response["Location"]).content.decode()
    later = client.get(f"{DOOR}{receipt}/").content.decode()

    due = timezone.localdate() + timedelta(days=15)
    assert receipt in first.split("<main")[1]
    assert receipt not in later.split("<main")[1]
    for page in (first, later):
        assert f"最迟 {due.month} 月 {due.day} 日" in page
        assert "开始办理" in page
    DataSubjectRequest.objects.update(received_at=timezone.now() - timedelta(minutes=31))
    assert receipt not in client.get(response["Location"]).content.decode().split("<main")[1]


@pytest.mark.clause("L-PP-8-1")
def test_rights_are_due_in_fifteen_workdays_and_complaints_in_fifteen_days(client: Client) -> None:
    today = timezone.localdate()
    post(client, about=["access", "erase"])
    post(client, about="complaint")

    workdays, days = DataSubjectRequest.objects.order_by("received_at")
    assert [right.kind for right in workdays.rights.all()] == ["access", "erase"]
    assert timezone.localdate(workdays.due_at) == add_workdays(today, 15)
    assert timezone.localdate(days.due_at) == today + timedelta(days=15)


def test_what_needs_no_proof_does_not_wait_for_what_does(client: Client) -> None:
    refused = post(client, about=["complaint", "erase"], words="都还在")

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "请分两次提交" in page
    assert "都还在" in page
    assert re.findall(r'value="(\w+)"[^>]* checked', page) == ["complaint", "erase", "self"]
    assert not DataSubjectRequest.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"about": []}, "请选一件事"),
        ({"about": "gossip"}, "列表里没有这一项"),
        ({"words": ""}, "请写几句具体情况"),
        ({"words": "长" * 2001}, "现在 2001 个"),
        ({"words": "空\x00字"}, "空"),
        ({"phone": "12345"}, "号"),
        ({"for_whom": "neighbour"}, "列表里没有这一项"),
    ],
)
def test_what_is_wrong_is_said_and_everything_typed_is_kept(
    client: Client, typed: dict[str, Any], said: str
) -> None:
    usual = {"about": "complaint", "words": "老师没来", "phone": "138 0013 8000"}
    refused = post(client, **{**usual, **typed})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert said in page
    for name, value in {**usual, **typed}.items():
        if value and name in ("words", "phone"):
            assert str(value).replace("\x00", "") in page.replace("\x00", "")
    assert not DataSubjectRequest.objects.exists()


def test_a_browser_s_line_ends_count_once(client: Client) -> None:
    assert post(client, words="一\r\n" * 1000).status_code == 303
    assert DataSubjectRequest.objects.get().words == ("一\n" * 1000).strip()


def test_two_taps_are_one_request_with_one_receipt_number(client: Client) -> None:
    key = key_in(client.get(DOOR).content.decode())

    first, second = (receipt_in(post(client, key=key)) for _ in range(2))
    changed = receipt_in(post(client, key=key, words="还有一件"))
    elsewhere = receipt_in(post(Client(), key=key_in(Client().get(DOOR).content.decode())))

    assert first == second
    assert len({first, changed, elsewhere}) == 3
    assert DataSubjectRequest.objects.count() == 3


@pytest.mark.parametrize("forged", ["", "mine", "mine:1vX:abc", "键"])
def test_a_key_we_did_not_make_is_none(client: Client, forged: str) -> None:
    assert receipt_in(post(client, key=forged)) != receipt_in(post(client, key=forged))


def test_one_address_asks_so_often_and_no_more(client: Client) -> None:
    for number in range(10):
        assert post(client, words=f"第 {number} 件").status_code == 303

    refused = post(client, words="第十一件", phone="13800138000")

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert "第十一件" in refused.content.decode()
    assert "13800138000" in refused.content.decode()
    assert DataSubjectRequest.objects.count() == 10


def test_an_answer_says_nothing_of_who_is_known(client: Client) -> None:
    known, unknown = new_phone(), new_phone()
    a_guardian(known)
    pages = []
    for phone in (known, unknown):
        receipt = receipt_in(post(client, about="access", words="", phone=phone))
        page = client.get(f"{DOOR}{receipt}/").content.decode().split("<main")[1]
        assert phone not in page
        pages.append(re.sub(r"Q-\d{7}|value=\"[^\"]{40,}\"", "…", page))

    assert pages[0] == pages[1]
    assert list(DataSubjectRequest.objects.values_list("known", flat=True)) == [False, False]


def test_whoever_is_signed_in_need_prove_nothing(client: Client) -> None:
    guardian = a_guardian()
    client.force_login(guardian)
    assert 'name="phone"' not in client.get(DOOR).content.decode()

    receipt_in(post(client, about="transfer", phone="13800138000"))

    row = DataSubjectRequest.objects.of(guardian.pk).get()
    assert (row.state, row.identity, row.phone) == (RequestState.ACCEPTED, "signed_in", None)


@pytest.mark.parametrize(
    "asked",
    [{"about": kind} for kind in ("erase", "restrict", "withdraw", "close_account")]
    + [{"about": "access", "for_whom": "ward"}],
)
def test_a_session_alone_is_no_proof_for_what_cannot_be_undone_or_is_a_child_s(
    asked: dict[str, str],
) -> None:
    guardian = a_guardian()
    client = comes_in(guardian)
    receipt_in(post(client, **asked))
    assert DataSubjectRequest.objects.of(guardian.pk).get().state == RequestState.ACCEPTED

    an_hour_passes(client)
    page = f"{DOOR}{receipt_in(post(client, **asked))}/"

    later = DataSubjectRequest.objects.get(known=False)
    assert (later.state, later.identity) == (RequestState.VERIFYING, "unknown")
    assert "证明是您本人" in client.get(page).content.decode()


@pytest.mark.parametrize("whom", ["ward", "deceased"])
def test_one_may_ask_for_somebody_else(client: Client, whom: str) -> None:
    receipt = receipt_in(post(client, about="access", for_whom=whom))

    row = DataSubjectRequest.objects.get()
    assert (row.on_behalf, row.concerning_id) == (whom, None)
    assert {"ward": "替孩子办", "deceased": "替去世的亲属办"}[whom] in client.get(
        f"{DOOR}{receipt}/"
    ).content.decode()


def test_a_receipt_number_is_found_however_it_is_typed(client: Client) -> None:
    receipt = receipt_in(post(client))
    for typed in (receipt.lower(), receipt.replace("-", ""), f" {receipt.replace('-', ' — ')} "):
        found = client.post(DOOR, {"action": "follow", "receipt": typed})
        assert (found.status_code, found["Location"]) == (303, f"{DOOR}{receipt}/")
    for wrong in ("", "Q-1234567", receipt[:-1], "键" * 20, "A" * 5000):
        refused = client.post(DOOR, {"action": "follow", "receipt": wrong})
        assert refused.status_code == 422
        assert "回执号" in refused.content.decode()


@pytest.mark.parametrize(
    "guess", ["AAAAA-BBBBB-CCCCC-DDDDD", "x", "Q-1234567", "键", "%00", "' OR 1=1 --", "A" * 3000]
)
def test_a_receipt_nobody_has_opens_nothing(client: Client, guess: str) -> None:
    row = DataSubjectRequest.objects.get(receipt_hash__isnull=False) if receipt_in(post(client)) else None
    assert row
    for address in (guess, row.reference, row.public_id, row.receipt_hash or "", str(row.pk)):
        assert client.get(f"{DOOR}{address}/").status_code == 404


def test_guessing_ends_soon_and_for_right_ones_too(client: Client) -> None:
    receipt = receipt_in(post(client))
    for number in range(20):
        assert client.get(f"{DOOR}AAAAA-BBBBB-CCCCC-DDD{number:02d}/").status_code == 404

    refused = client.get(f"{DOOR}{receipt}/")

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert client.get(f"{DOOR}{receipt}/", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_looking_often_at_one_s_own_is_no_guessing(client: Client) -> None:
    receipt = receipt_in(post(client))
    assert {client.get(f"{DOOR}{receipt}/").status_code for _ in range(30)} == {200}


def test_what_was_written_is_sealed_under_a_key_of_the_request(client: Client) -> None:
    receipt = receipt_in(post(client, phone="13800138000"))
    row = DataSubjectRequest.objects.get()
    assert SubjectKey.objects.filter(subject=row.pk).exists()
    assert receipt not in str(DataSubjectRequest.objects.values())


def test_the_pages_are_kept_by_nobody_and_tell_no_other_site(client: Client) -> None:
    receipt = receipt_in(post(client))
    for address in (DOOR, f"{DOOR}{receipt}/", f"{DOOR}AAAAA-BBBBB-CCCCC-DDDDD/"):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "same-origin"
    assert "noindex" in client.get(f"{DOOR}{receipt}/").content.decode()


def test_another_site_s_form_is_refused() -> None:
    assert post(Client(enforce_csrf_checks=True)).status_code == 403
