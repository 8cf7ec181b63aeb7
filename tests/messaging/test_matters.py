"""Of one matter there is one message ever, and none that nobody wants any more."""

import threading
from datetime import datetime
from uuid import UUID

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from kit.uuid7 import uuid7
from messaging.gateways import memory
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.services import queue_message, sweep
from privacy import ports
from tests.families import a_guardian

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _empty_outbox() -> None:
    memory.outbox.clear()


def queue(**changed: object) -> Message | None:
    person = uuid7()
    told = {
        "template": "trial_cancelled",
        "recipient": Recipient("guardian", person, subject=person),
        "parameters": {"reference": "K7-305214"},
        "purpose": "trial",
    }
    with transaction.atomic():
        return queue_message(**{**told, **changed})


def test_a_matter_is_written_once_and_its_words_are_not_kept() -> None:
    matter = f"reminder {uuid7()}"

    assert queue(matter=matter) is not None
    assert queue(matter=matter) is None
    assert queue(matter=f"{matter}.") is not None
    assert queue() is not None
    assert queue() is not None

    kept = Message.objects.exclude(matter=None).values_list("matter", flat=True)
    assert {len(digest) for digest in kept} == {64}
    assert matter not in kept


def test_what_else_the_caller_does_goes_on_when_the_matter_existed() -> None:
    queue(matter="again")
    with transaction.atomic():
        assert queue(matter="again") is None
        after = queue(matter="something else")

    assert after
    assert Message.objects.filter(pk=after.pk).exists()


def test_a_matter_whose_transaction_failed_may_be_written_again() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue(matter="again")
        raise ZeroDivisionError

    assert queue(matter="again") is not None


def test_of_ten_at_once_one_writes() -> None:
    written: list[Message | None] = []

    def work() -> None:
        written.append(queue(matter="at once"))
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([message for message in written if message]) == 1
    assert Message.objects.count() == 1


def test_the_database_holds_it_too() -> None:
    first, second = queue(matter="one"), queue(matter="two")
    assert first
    assert second
    with pytest.raises(IntegrityError, match="matter"), transaction.atomic():
        Message.objects.filter(pk=second.pk).update(matter=Message.objects.get(pk=first.pk).matter)


def test_only_a_message_about_something_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, UUID, datetime | None]] = []

    class Nobody:
        def still_wanted(self, template: str, about_id: UUID, about_at: datetime | None) -> bool:
            asked.append((template, about_id, about_at))
            return False

    monkeypatch.setitem(ports._providers, "still_wanted", Nobody())
    guardian = a_guardian()
    to = Recipient("guardian", guardian.pk, subject=guardian.pk)
    at, about = timezone.now(), uuid7()
    plain, told = queue(recipient=to), queue(recipient=to, about_id=about, about_at=at)
    assert plain
    assert told

    sweep()

    assert asked == [("trial_cancelled", about, at)]
    assert [sent.reference for sent in memory.outbox] == [plain.pk.hex]
    assert Message.objects.values_list("state", "failure").get(pk=told.pk) == ("void", "outdated")


def test_an_offer_to_who_did_not_agree_is_not_even_written() -> None:
    assert queue(template="missed_you_offer", parameters={"when": "", "times": "", "link": ""}) is None
    assert not Message.objects.exists()


def test_a_provider_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks a method"):
        ports.register("still_wanted", ports.get("address_of"))
