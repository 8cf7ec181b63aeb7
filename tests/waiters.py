"""Full classes for tests, and families that wait for a seat in them."""

from datetime import time, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from enrollment.enums import BookingChannel
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.services.cancelling import cancel_trial
from enrollment.services.waitlist import join
from kit import quiet_hours
from messaging.models import Message
from privacy.actors import SYSTEM
from tests.families import a_guardian, a_seat, acting
from tests.people import texts_to
from tests.places import a_class


def a_full_class(**given: Any) -> ClassSession:
    """A class whose every seat is somebody's; by default it has one."""
    session = a_class(**{"capacity": 1, **given})
    for _ in range(session.capacity):
        a_seat(session)
    session.refresh_from_db()
    return session


def waits_for(*sessions: ClassSession, guardian: User | None = None, child: UUID | None = None) -> WaitlistEntry:
    """The entry of a family that waits for any of the classes, somebody new unless said otherwise."""
    who = guardian or a_guardian()
    return join(
        guardian=who, sessions=sessions, child_id=child, channel=BookingChannel.WEB, by=acting(who)
    )


def frees_a_seat(session: ClassSession) -> None:
    """One family of those booked in the class cancels."""
    booking = TrialBooking.objects.filter(session=session, state="booked").earliest("created_at", "pk")
    cancel_trial(booking=booking, by=SYSTEM)


def offered(entry: WaitlistEntry) -> TrialBooking:
    """The seat offered to an entry."""
    return TrialBooking.objects.with_places().get(waitlist_entry=entry)


def runs_out(booking: TrialBooking) -> None:
    """The time to answer is over since a moment ago."""
    past = timezone.now() - timedelta(seconds=1)
    TrialBooking.objects.filter(pk=booking.pk).update(hold_expires_at=past)


def state_of(entry: WaitlistEntry) -> str:
    entry.refresh_from_db()
    return str(entry.state)


def texts_by_day(phone: str) -> list[str]:
    """Everything a phone is sent once it is day, the oldest first."""
    Message.objects.filter(state="queued").update(due_at=timezone.now())
    with patch.object(quiet_hours, "WAKING", (time.min, time.max)):
        return texts_to(phone)
