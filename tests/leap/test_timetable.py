"""Everything that runs by the clock exists, and removes what it says."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.tasks import purge_sessions
from leap.celery import TIMETABLE, app
from messaging.models import Message
from messaging.tasks import purge as purge_messages
from tests.people import book, new_phone, texts_to


def test_every_entry_names_a_task() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in TIMETABLE.values()} <= set(app.tasks)


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_sessions_and_messages_go_when_their_time_is_over(client: Client) -> None:
    phone = new_phone()
    book(client, phone)
    assert texts_to(phone)
    assert Session.objects.exists()

    with time_machine.travel(timezone.now() + timedelta(days=89), tick=False):
        purge_messages()
        assert Message.objects.filter(recipient_kind="guardian").exists()
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        purge_messages()
        purge_sessions()

    assert not Message.objects.filter(recipient_kind="guardian").exists()
    assert not Session.objects.exists()
