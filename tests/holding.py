"""Seats held for numbers that nobody has proved yet."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from enrollment.enums import BookingChannel
from enrollment.models import ClassSession, TrialBooking
from enrollment.services.holds import hold_seats
from tests.people import new_phone


def a_hold(session: ClassSession, phone: str | None = None, **changed: Any) -> TrialBooking:
    """A seat of the class held for a number (11 digits), a new one unless said otherwise."""
    asked: dict[str, Any] = {
        "sessions": [session],
        "channel": BookingChannel.WEB,
        "browser": "one",
        **changed,
    }
    return hold_seats(phone=f"+86{phone or new_phone()}", **asked)[0]


def end_of(hold: TrialBooking) -> datetime:
    """Until when it keeps the seat."""
    assert hold.hold_expires_at is not None
    return hold.hold_expires_at


def run_out(*holds: TrialBooking, ago: timedelta = timedelta(seconds=1)) -> None:
    """Their time is over since ``ago``; nobody has noticed yet."""
    rows = TrialBooking.objects.filter(pk__in=[hold.pk for hold in holds])
    rows.update(hold_expires_at=timezone.now() - ago)


def seats(session: ClassSession) -> tuple[int, int]:
    """Taken, and of those held for numbers not yet proved."""
    session.refresh_from_db(fields=["seats_taken", "unverified_taken"])
    return session.seats_taken, session.unverified_taken


def fill(session: ClassSession, leaving: int = 0) -> None:
    """Leave so many seats: the rest of the class is taken away."""
    ClassSession.objects.filter(pk=session.pk).update(capacity=F("seats_taken") + leaving)
    session.refresh_from_db()
