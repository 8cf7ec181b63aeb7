"""A message says why it is sent, in words the policy knows."""

import pytest
from django.db import IntegrityError, connection, transaction

from kit.uuid7 import uuid7
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.services import queue_message
from privacy.keystore.services import Erased, destroy_keys

pytestmark = pytest.mark.django_db(databases="__all__")


def message() -> Message:
    person = uuid7()
    with transaction.atomic():
        written = queue_message(
            template="trial_cancelled",
            recipient=Recipient("guardian", person, subject=person),
            parameters={"reference": "K7-305214"},
            purpose="trial",
        )
    assert written
    return written


def test_a_purpose_nobody_registered_is_refused() -> None:
    person = uuid7()
    with transaction.atomic(), pytest.raises(ValueError, match="'gossip' is no registered purpose"):
        queue_message(
            template="trial_cancelled",
            recipient=Recipient("guardian", person, subject=person),
            parameters={"reference": "K7-305214"},
            purpose="gossip",
        )
    assert not Message.objects.exists()


def test_what_was_said_can_be_shredded_without_the_account() -> None:
    kept = message()
    destroy_keys(kept.subject_id, "core")
    assert "K7-305214" in Message.objects.get().parameters
    assert destroy_keys(kept.subject_id, "message") == 1
    with pytest.raises(Erased):
        Message.objects.get().parameters  # noqa: B018  reading opens


@pytest.mark.parametrize("column", ["state", "category"])
def test_the_database_knows_the_closed_lists(column: str) -> None:
    message()
    with (
        pytest.raises(IntegrityError, match=f"message_{column}_known|cannot go from"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE messaging_message SET {column} = 'lost'")  # noqa: S608  one of two


def test_the_purge_finds_its_messages_by_an_index() -> None:
    columns = {index.name: index.fields for index in Message._meta.indexes}
    assert columns["message_age"] == ["recipient_kind", "created_at"]
