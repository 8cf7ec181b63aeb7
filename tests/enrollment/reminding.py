"""Bookings and what is said of them, for the tests of reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.utils import timezone

from accounts.models import PhoneBinding, User
from enrollment.enums import BookingChannel, BookingState
from enrollment.models import BookingEvent, ClassSession, TrialBooking
from kit.uuid7 import uuid7
from messaging.gateways import memory
from messaging.models import Message
from messaging.services import sweep

LATER = timedelta(seconds=1)


def on(moment: datetime) -> time_machine.travel:
    """The process's clock stands at ``moment``; the database's goes on."""
    return time_machine.travel(moment, tick=False)


def a_booking(session: ClassSession, guardian: User, **changed: Any) -> TrialBooking:
    """A booked seat past every rule on who may have how many, made now."""
    asked: dict[str, Any] = {
        "guardian": guardian,
        "child_id": uuid7(),
        "city": session.campus.city,
        "session": session,
        "state": BookingState.BOOKED,
        "channel": BookingChannel.WEB,
        "verified_at": timezone.now(),
    }
    booking = TrialBooking.objects.create(**{**asked, **changed})
    BookingEvent.objects.create(booking=booking, state=booking.state, actor_kind="guardian")
    booking.refresh_from_db()  # campus and course are the class's, by the database's hand
    return booking


def sent_to(guardian: User) -> list[str]:
    """What this family's phone has got, the oldest first, once everything due has gone out."""
    sweep()
    number = PhoneBinding.objects.get(user=guardian).phone
    return [sent.text for sent in memory.outbox if sent.to == number]


def fates(template: str) -> list[tuple[str, str]]:
    """State and reason of every message of a kind, the oldest first."""
    return list(Message.objects.filter(template=template).order_by("pk").values_list("state", "failure"))


def shift(session: ClassSession, by: timedelta) -> None:
    """Hold a class earlier or later, past every service."""
    ClassSession.objects.filter(pk=session.pk).update(
        starts_at=session.starts_at + by,
        ends_at=session.ends_at + by,
        booking_closes_at=session.booking_closes_at + by,
    )
