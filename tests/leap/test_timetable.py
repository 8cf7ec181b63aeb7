"""Everything that runs by the clock exists, and removes what it says."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.schedules import crontab, maybe_schedule
from django.test import Client
from django.utils import timezone

from accounts.models import Session
from accounts.tasks import purge_sessions
from leap.celery import TIMETABLE, app
from messaging.models import Message
from privacy.retention.rules import rules
from privacy.retention.services.purging import purge
from tests.people import book, new_phone, texts_to


def test_every_entry_names_a_task() -> None:
    app.loader.import_default_modules()

    assert {entry["task"] for entry in TIMETABLE.values()} <= set(app.tasks)


@pytest.mark.parametrize(
    ("entry", "before", "next_run"),
    [
        ("mind that the calendar goes on", "2026-12-01 08:29", "2026-12-01 08:30"),
        ("mind that the calendar goes on", "2026-12-01 08:31", "2026-12-02 08:30"),
        # A day that began in Shanghai is known of within minutes.
        ("reckon deadlines anew", "2026-11-30 23:59", "2026-12-01 00:02"),
        ("end requests nobody came back to", "2026-11-30 23:59", "2026-12-01 00:04"),
        ("warn of deadlines", "2026-11-30 23:59", "2026-12-01 00:06"),
    ],
)
def test_times_are_shanghai_s(entry: str, before: str, next_run: str) -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    now, then = (datetime.fromisoformat(text).replace(tzinfo=shanghai) for text in (before, next_run))
    schedule = maybe_schedule(TIMETABLE[entry]["schedule"], app=app)
    assert isinstance(schedule, crontab)
    with time_machine.travel(now, tick=False):
        assert now + schedule.remaining_estimate(now) == then


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_sessions_and_messages_go_when_their_time_is_over(client: Client) -> None:
    phone = new_phone()
    book(client, phone)
    assert texts_to(phone)
    assert Session.objects.exists()

    messages, now = rules["messages"], timezone.now()
    purge(messages, now + timedelta(days=88))
    assert Message.objects.filter(recipient_kind="guardian").exists()
    purge(messages, now + timedelta(days=90))
    with time_machine.travel(now + timedelta(days=31), tick=False):
        purge_sessions()

    assert not Message.objects.filter(recipient_kind="guardian").exists()
    assert not Session.objects.exists()
