"""Full classes for tests, and families that wait for a seat in them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.guardians import agree
from enrollment.enums import BookingChannel
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.services.cancelling import cancel_trial
from enrollment.services.waitlist import join
from privacy.actors import SYSTEM
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions
from tests.children import signed_in
from tests.families import a_guardian, a_seat, acting
from tests.places import a_class


def a_full_class(**given: Any) -> ClassSession:
    """A class whose every seat is somebody's; by default it has one."""
    session = a_class(**{"capacity": 1, **given})
    for _ in range(session.capacity):
        a_seat(session)
    session.refresh_from_db()
    return session


def waits_for(
    *sessions: ClassSession, guardian: User | None = None, child: UUID | None = None
) -> WaitlistEntry:
    """The entry of a family that waits for any of the classes, somebody new unless said otherwise."""
    who = guardian or a_guardian()
    return join(guardian=who, sessions=sessions, child_id=child, channel=BookingChannel.WEB, by=acting(who))


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


def at_home() -> tuple[Client, User]:
    """A browser whose guardian is signed in, and has agreed to everything that booking needs."""
    guardian = a_guardian()
    with transaction.atomic():
        agree(user=guardian, agreements=current_versions(), channel=Channel.WEB)
    return signed_in(guardian), guardian
