"""Messages about requests: to the account, to the number left at the door, or to nobody."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from messaging.gateways import memory
from messaging.models import Message
from messaging.services import sweep
from messaging.texts import BY_DAY, ONE_PART, TEXTS, render
from privacy import ports
from privacy.keystore.services import destroy_keys
from privacy.rights.enums import RequestKind
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.replying import fulfil, reply
from tests.families import a_guardian, written_to
from tests.people import new_phone
from tests.rights.asking import ACCESS, QUESTION, a_clerk, asks, asks_at_the_door

pytestmark = pytest.mark.django_db(databases="__all__")
SAID = "您问的是哪一次试听？孩子的小名是什么？"
RECEIPT = "7K3M9-PQR2W-XYAZA-B2CDE"
RIGHTS = [name for name in TEXTS if name.startswith("rights_")]


def sent_to(number: str) -> list[str]:
    """What leaves for a number at noon, when people are awake."""
    noon = timezone.localtime().replace(hour=12) + timedelta(days=1)
    with time_machine.travel(noon):
        sweep()
    return [sent.text for sent in memory.outbox if sent.to == number]


def test_a_known_person_is_told_at_the_account_s_number() -> None:
    guardian = a_guardian()
    request = asks(QUESTION, guardian=guardian)
    ask_back(request=request, question=SAID, by=a_clerk())
    (text,) = written_to(guardian)
    assert request.reference in text
    assert "登录" in text
    assert "小名" not in text


def test_a_number_left_at_the_door_is_told_without_an_account() -> None:
    number = f"+86{new_phone()}"
    request = asks_at_the_door(QUESTION, phone=number)
    ask_back(request=request, question=SAID, by=a_clerk())
    message = Message.objects.get()
    assert (message.recipient_kind, message.recipient_id) == ("request", request.pk)
    (text,) = sent_to(number)
    assert request.reference in text
    assert "回执号" in text
    assert "小名" not in text


def test_who_left_no_number_is_told_nothing() -> None:
    request = asks_at_the_door(QUESTION)
    reply(request=request, body="您问的写在《隐私政策》第 3 条。", final=True, by=a_clerk())
    assert not Message.objects.exists()
    assert ports.get("address_of").number_of("request", request.pk) is None


def test_a_message_about_a_request_goes_with_its_key() -> None:
    number = f"+86{new_phone()}"
    request = asks_at_the_door(QUESTION, phone=number)
    ask_back(request=request, question=SAID, by=a_clerk())
    destroy_keys(request.pk)
    assert sent_to(number) == []
    assert Message.objects.get().state == "void"


def test_whoever_acted_themselves_is_not_written_to() -> None:
    guardian = a_guardian()
    fulfil(request=asks(ACCESS, guardian=guardian), body="您要看的都在“我的隐私”里。")
    assert written_to(guardian) == []


@pytest.mark.parametrize("name", RIGHTS)
def test_a_text_says_neither_what_was_asked_nor_what_was_said(name: str) -> None:
    text = render(name, {"reference": "Q-4827316", "until": "12月28日", "receipt": RECEIPT})
    assert len(text) <= ONE_PART
    assert not [kind.label for kind in RequestKind if f"“{kind.label}”" in text]
    assert (name in BY_DAY) == (name not in ("rights_signed_out", "rights_begun_door"))


def test_whoever_has_no_account_has_a_text_of_their_own() -> None:
    for name in ("rights_received", "rights_question", "rights_news", "rights_answered", "rights_lapsed"):
        assert "登录" not in TEXTS[f"{name}_door"].body
