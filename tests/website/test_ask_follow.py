"""Behind a receipt number: how far a request is, a code that proves the number, questions, and whose reply it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from privacy.actors import Actor
from privacy.rights.enums import Identity, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.proving import add_identity
from privacy.rights.services.replying import fulfil, reply
from tests.families import a_guardian
from tests.people import last_code, new_phone
from tests.website.test_ask import post, receipt_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

SECRET = "小名登记为小满"


@pytest.fixture
def staff() -> Actor:
    officer = User.objects.create_superuser("officer", "paper-puppet-theatre-7")
    return Actor("staff", officer.pk)


def asked(client: Client, **typed: Any) -> str:
    """Where a request just made is followed."""
    return f"/privacy/ask/{receipt_in(post(client, **typed))}/"


def row() -> DataSubjectRequest:
    return DataSubjectRequest.objects.latest("received_at")


def prove(client: Client, page: str, phone: str) -> Any:
    """Have a code sent to the number, and type it; the last answer."""
    sent = client.post(page, {"action": "send_code", "phone": phone})
    assert sent.status_code == 200, sent.content.decode()
    challenge = sent.context["challenge"]
    typed = {"action": "prove", "phone": phone, "code": last_code(phone), "challenge": challenge}
    return client.post(page, typed)


def main(client: Client, page: str) -> str:
    """What the page says."""
    answer = client.get(page)
    assert answer.status_code == 200
    return str(answer.content.decode().split("<main")[1])


# Who it is


def test_a_number_is_proved_with_a_code_and_the_request_joins_its_account(client: Client) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    page = asked(client, about="transfer")
    assert "证明是您本人" in main(client, page)

    assert prove(client, page, phone).status_code == 303

    mine = DataSubjectRequest.objects.of(guardian.pk).get()
    assert (mine.state, mine.identity, mine.phone) == (
        RequestState.ACCEPTED,
        Identity.NUMBER_PROVED,
        f"+86{phone}",
    )
    assert "证明是您本人" not in main(client, page)


def test_without_an_account_the_truth_is_told(client: Client) -> None:
    phone = new_phone()
    page = asked(client, about="access", phone=phone)

    assert prove(client, page, phone).status_code == 303

    said = main(client, page)
    assert row().state == RequestState.FULFILLED
    assert "没有用这个号码开的账号" in said
    assert "12377" in said


@pytest.mark.clause("LAW-24")
def test_asking_for_a_code_says_nothing_of_who_is_known(client: Client) -> None:
    known, unknown = new_phone(), new_phone()
    a_guardian(known)
    pages = []
    for phone in (known, unknown):
        page = asked(client, about="access")
        sent = client.post(page, {"action": "send_code", "phone": phone}).content.decode()
        spoken = f"{phone[:3]} {phone[3:7]} {phone[7:]}"
        shown = sent.split("<main")[1].replace(phone, "…").replace(spoken, "…")
        pages.append(re.sub(r"Q-\d{7}|value=\"[^\"]{20,}\"|data-wait=\"\d+\"", "…", shown))

    assert pages[0] == pages[1]


def test_whoever_finds_a_receipt_makes_nothing_their_own(client: Client) -> None:
    left, thief = new_phone(), new_phone()
    taker = a_guardian(thief)
    page = asked(client, about="access", phone=left)

    refused = prove(client, page, thief)

    assert refused.status_code == 422
    assert "提交时留的那个号码" in refused.content.decode()
    assert left not in refused.content.decode()
    assert (row().state, row().known) == (RequestState.VERIFYING, False)
    assert not DataSubjectRequest.objects.of(taker.pk).exists()
    assert prove(client, page, left).status_code == 303


@pytest.mark.parametrize("code", ["000000", "", "12"])
def test_a_wrong_code_proves_nothing_and_loses_nothing(client: Client, code: str) -> None:
    phone, page = new_phone(), asked(client, about="access")
    sent = client.post(page, {"action": "send_code", "phone": phone})
    typed = {"action": "prove", "phone": phone, "code": code, "challenge": sent.context["challenge"]}

    refused = client.post(page, typed)

    assert refused.status_code == 422
    assert phone in refused.content.decode()
    assert row().state == RequestState.VERIFYING


def test_codes_are_sent_within_their_limits(client: Client) -> None:
    phone, page = new_phone(), asked(client, about="access")
    client.post(page, {"action": "send_code", "phone": phone})

    again = Client().post(page, {"action": "send_code", "phone": phone})

    assert again.status_code == 429
    assert int(again["Retry-After"]) > 0
    assert phone in again.content.decode()


def test_two_taps_prove_it_once(client: Client) -> None:
    phone, page = new_phone(), asked(client, about="transfer")
    a_guardian(phone)
    sent = client.post(page, {"action": "send_code", "phone": phone})
    typed = {
        "action": "prove",
        "phone": phone,
        "code": last_code(phone),
        "challenge": sent.context["challenge"],
    }

    assert [client.post(page, typed).status_code for _ in range(2)] == [303, 303]
    assert row().events.filter(what="accepted").count() == 1


# What was written


@pytest.mark.clause("X2-5.8-0")
def test_a_question_is_answered_behind_the_receipt(client: Client, staff: Actor) -> None:
    page = asked(client, about="unlawful", words="你们把号码给了别人")
    reply(request=row(), body="查过了，没有提供给任何别人。" + SECRET, final=True, by=staff)

    said = main(client, page)

    assert SECRET in said
    assert "人民法院" in said
    assert "已办妥" in said
    assert str(staff.id) not in said
    assert "officer" not in said


def test_our_question_is_shown_and_answered_and_no_time_is_lost(client: Client, staff: Actor) -> None:
    page = asked(client, about="complaint")
    ask_back(request=row(), question="是哪一家校区？", by=staff)
    assert "是哪一家校区？" in main(client, page)

    empty = client.post(page, {"action": "answer", "answer": " "})
    assert empty.status_code == 422
    assert client.post(page, {"action": "answer", "answer": "朝阳那家\r\n二楼"}).status_code == 303
    assert client.post(page, {"action": "answer", "answer": "又一次"}).status_code == 303

    assert row().pauses.get().answer == "朝阳那家\n二楼"
    assert row().state == RequestState.ACCEPTED
    said = main(client, page)
    assert "是哪一家校区？" not in said
    assert "朝阳那家" not in said


@pytest.mark.clause("LAW-24")
def test_a_reply_about_an_account_is_never_behind_the_receipt_alone(client: Client, staff: Actor) -> None:
    phone = new_phone()
    guardian = a_guardian(phone)
    page = asked(client, about="transfer", phone=phone)
    prove(client, page, phone)
    ask_back(request=row(), question=f"{SECRET}，转给谁？", by=staff)
    assert SECRET not in main(client, page)
    client.post(page, {"action": "answer", "answer": "别人答的"})
    assert row().state == RequestState.NEED_INFO
    client.post(page, {"action": "withdraw"})
    assert row().state == RequestState.NEED_INFO

    for visitor in (client, Client()):
        said = main(visitor, page)
        assert SECRET not in said
        assert f"/account/login/?next=%2Faccount%2Fprivacy%2Frequests%2F{row().public_id}%2F" in said
    signed_in = Client()
    signed_in.force_login(guardian)
    assert SECRET in signed_in.get(f"/account/privacy/requests/{row().public_id}/").content.decode()


def test_a_relative_without_an_account_reads_the_reply_with_a_code(client: Client, staff: Actor) -> None:
    phone = new_phone()
    page = asked(client, about="access", phone=phone, for_whom="deceased")
    prove(client, page, phone)
    add_identity(request=row(), identity=Identity.PAPERS, by=staff)
    fulfil(request=row(), body=SECRET + "，没有别的。", by=staff)
    assert SECRET in main(client, page)

    elsewhere, thief = Client(), new_phone()
    assert SECRET not in main(elsewhere, page)
    assert prove(elsewhere, page, thief).status_code == 422
    assert SECRET not in main(elsewhere, page)
    DataSubjectRequest.objects.filter(pk=row().pk).update(received_at=timezone.now() - timedelta(days=1))
    later = Client()
    later.defaults["REMOTE_ADDR"] = "203.0.113.7"
    assert "证明号码以后才显示" in main(later, page)


def test_a_stranger_s_request_is_taken_back_by_its_receipt(client: Client) -> None:
    page = asked(client, about="erase", words="")
    assert "撤回请求" in main(client, page)

    assert [client.post(page, {"action": "withdraw"}).status_code for _ in range(2)] == [303, 303]

    assert row().state == RequestState.WITHDRAWN
    assert "撤回请求" not in main(client, page)


@pytest.mark.parametrize("action", ["", "close", "reply", "approve"])
def test_what_nobody_offered_does_nothing(client: Client, action: str) -> None:
    page = asked(client)
    assert client.post(page, {"action": action}).status_code == 303
    assert row().state == RequestState.ACCEPTED


def test_one_receipt_opens_one_request(client: Client, staff: Actor) -> None:
    mine, other = asked(client, words="我的"), asked(Client(), words="别人的")
    ask_back(request=row(), question="只问别人", by=staff)

    assert "只问别人" in main(client, other)
    assert "只问别人" not in main(client, mine)
