"""The outbox: nothing lost, nothing doubled, nothing said in clear."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg2
import pytest
import time_machine
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import PhoneBinding, User
from kit.uuid7 import uuid7
from messaging.enums import TRANSITIONS, MessageState
from messaging.gateways import memory
from messaging.gateways.base import Outcome, SendResult
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.services import LEASE, MAX_ATTEMPTS, deliver, queue_message, sweep, text_of, void_messages
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import destroy_keys
from tests.people import new_phone

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def guardian() -> User:
    user = User.objects.create()
    phone = f"+86{new_phone()}"
    PhoneBinding.objects.create(
        user=user, phone=phone, phone_index=blind_index("binding.phone", phone), proved_at=timezone.now()
    )
    return user


@pytest.fixture(autouse=True)
def _empty_outbox() -> Iterator[None]:
    memory.outbox.clear()
    yield
    memory.outbox.clear()


def queue(user: User, reference: str = "K7-305214") -> Message:
    with transaction.atomic():
        written = queue_message(
            template="trial_cancelled",
            recipient=Recipient("guardian", user.pk, subject=user.pk),
            parameters={"reference": reference},
            purpose="trial",
        )
    assert written
    return written


def state_of(message: Message) -> str:
    return Message.objects.values_list("state", flat=True).get(pk=message.pk)


def test_message_goes_out_once_however_often_it_is_delivered(guardian: User) -> None:
    message = queue(guardian)

    for _ in range(3):
        deliver(message_id=message.pk)

    assert [sent.reference for sent in memory.outbox] == [message.pk.hex]
    assert state_of(message) == MessageState.SENT


def test_ten_parallel_workers_send_one_message_once(guardian: User) -> None:
    message = queue(guardian)

    def work() -> None:
        deliver(message_id=message.pk)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(memory.outbox) == 1


def test_rolled_back_cause_sends_nothing(guardian: User) -> None:
    class Nevermind(Exception):
        pass

    with pytest.raises(Nevermind), transaction.atomic():
        queue(guardian)
        raise Nevermind

    assert sweep() == 0
    assert not memory.outbox


def test_message_outside_a_transaction_is_refused(guardian: User) -> None:
    with pytest.raises(RuntimeError):
        queue_message(
            template="trial_cancelled",
            recipient=Recipient("guardian", guardian.pk, subject=guardian.pk),
            parameters={"reference": "K7-305214"},
            purpose="trial",
        )


def test_worker_that_died_before_sending_is_replaced_when_its_lease_ends(guardian: User) -> None:
    message = queue(guardian)
    at = timezone.now()
    assert Message.objects.lease(message.pk, at=at, until=at + LEASE)

    assert sweep() == 0
    with time_machine.travel(at + LEASE + timedelta(seconds=1), tick=False):
        assert sweep() == 1

    assert len(memory.outbox) == 1


def test_worker_that_died_while_sending_leaves_an_unknown_that_is_never_sent_again(guardian: User) -> None:
    message = queue(guardian)
    at = timezone.now()
    assert Message.objects.lease(message.pk, at=at, until=at + LEASE)
    assert Message.objects.move(message.pk, since=MessageState.LEASED, to=MessageState.SENDING)

    with time_machine.travel(at + timedelta(days=1), tick=False):
        sweep()
        sweep()

    assert state_of(message) == MessageState.UNKNOWN
    assert not memory.outbox


def test_number_is_read_when_sending_not_when_queueing(guardian: User) -> None:
    queue(guardian)
    later = f"+86{new_phone()}"
    binding = PhoneBinding.objects.get(user=guardian)
    binding.phone, binding.phone_index = later, blind_index("binding.phone", later)
    binding.save()

    sweep()

    assert [sent.to for sent in memory.outbox] == [later]


def test_message_to_somebody_erased_is_void(guardian: User) -> None:
    message = queue(guardian)
    destroy_keys(guardian.pk)

    sweep()

    assert state_of(message) == MessageState.VOID
    assert not memory.outbox


def test_voided_message_is_not_sent(guardian: User) -> None:
    message = queue(guardian)

    assert void_messages(kind="guardian", ids=[guardian.pk]) == 1
    sweep()

    assert state_of(message) == MessageState.VOID
    assert not memory.outbox


class Flaky:
    """A vendor that is down the first time, as real ones are."""

    name = "memory"
    refusals = 1

    def send(self, *, to: str, text: str, reference: str, timeout: float) -> SendResult:
        if Flaky.refusals:
            Flaky.refusals -= 1
            return SendResult(Outcome.GATEWAY_DOWN)
        return memory.Gateway().send(to=to, text=text, reference=reference, timeout=timeout)


def test_vendor_that_is_down_is_asked_again_under_the_same_reference(
    guardian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.services.get_gateway", Flaky)
    message = queue(guardian)

    sweep()
    assert state_of(message) == MessageState.QUEUED
    with time_machine.travel(timezone.now() + timedelta(seconds=21), tick=False):
        sweep()

    assert [sent.reference for sent in memory.outbox] == [message.pk.hex]


def test_stored_message_says_nothing_in_clear(guardian: User) -> None:
    message = queue(guardian, reference="Z9-987654")

    stored = repr(Message.objects.filter(pk=message.pk).values().get())

    assert "Z9-987654" not in stored
    assert text_of(Message.objects.get(pk=message.pk))[0].startswith("【励步】预约号Z9-987654")


def test_every_state_has_its_row_in_the_table_of_transitions() -> None:
    assert set(TRANSITIONS) == set(MessageState)


@pytest.mark.parametrize("final", [state for state, after in TRANSITIONS.items() if not after])
def test_database_refuses_to_leave_a_final_state(guardian: User, final: MessageState) -> None:
    from django.db import DatabaseError

    message = queue(guardian)
    Message.objects.filter(pk=message.pk).update(state=MessageState.LEASED, leased_until=timezone.now())
    if final is not MessageState.VOID:
        Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING)
    Message.objects.filter(pk=message.pk).update(state=final, leased_until=None)

    with pytest.raises(DatabaseError, match="message cannot go from"):
        Message.objects.filter(pk=message.pk).update(state=MessageState.QUEUED)


def spoil(message: Message) -> None:
    """Change the last byte of what is sealed, as a broken disk or a hand in the database would."""
    connection = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE messaging_message SET parameters = set_byte(parameters, octet_length(parameters) - 1,"
                " get_byte(parameters, octet_length(parameters) - 1) # 1) WHERE id = %s",
                [message.pk],
            )
            assert cursor.rowcount == 1
    finally:
        connection.close()


def test_message_that_cannot_be_read_fails_after_a_few_tries_and_keeps_no_other_back(guardian: User) -> None:
    spoilt = queue(guardian)
    spoil(spoilt)
    others = [queue(guardian, f"K7-00000{number}") for number in range(3)]

    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as clock:
        sweep()
        assert [state_of(message) for message in others] == [MessageState.SENT] * 3
        assert state_of(spoilt) == MessageState.LEASED
        for _ in range(MAX_ATTEMPTS):
            clock.shift(LEASE + timedelta(seconds=1))
            late = queue(guardian, "K7-999999")
            sweep()
            assert state_of(late) == MessageState.SENT

        assert state_of(spoilt) == MessageState.FAILED
        clock.shift(timedelta(days=1))
        assert sweep() == 0

    assert spoilt.pk.hex not in {sent.reference for sent in memory.outbox}


def test_unknown_message_delivers_nothing() -> None:
    deliver(message_id=UUID(int=uuid7().int))

    assert not memory.outbox
