"""What a family still has before it, and how it ends when they no longer want us to use their data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import numbers_of
from enrollment.exceptions import TooLate
from enrollment.models import TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.services.cancelling import cancel_trial
from enrollment.services.holds import holds_of, release_seats
from enrollment.services.seats import lock_classes
from enrollment.services.waitlist import leave
from messaging.services import void_all
from privacy.actors import SYSTEM, Actor


class Trials:
    """Provider of the port `service_of`.

    Where others hold a class for too long the database says so (OperationalError), which is 503 to people.
    """

    def what_ends(self, subject: UUID) -> Sequence[str]:
        """One sentence for each trial to come and each place in line."""
        ahead = TrialBooking.objects.of(subject).ahead(timezone.now()).without_offers().soonest_first()
        waiting = WaitlistEntry.objects.of(subject).open().count()
        ends = [_("%s 的试听会取消，座位让给别的家庭。") % booking.reference for booking in ahead]
        return [*ends, _("%d 处候补会退出。") % waiting] if waiting else ends

    @transaction.atomic
    def end_service(self, subject: UUID, by: Actor) -> None:
        """Cancel what is to come, leave every line, take back what was to be sent; of a child, the lines.

        However near the class is: nobody who withdraws is told that it is too late. Who is there already, or
        is being marked as having come, stays so.
        """
        ahead = TrialBooking.objects.of(subject).ahead(timezone.now()).without_offers()
        entries = list(WaitlistEntry.objects.open().filter(_theirs(subject)))
        bookings = list(ahead.order_by("pk"))
        held = [row for number in numbers_of(subject) for row in holds_of(phone=number)]
        _lock(entries, [*bookings, *held])
        _leave(entries, by)
        release_seats(held)
        for booking in bookings:
            with suppress(TooLate):
                cancel_trial(booking=booking, by=SYSTEM)
        void_all(subject=subject)

    @transaction.atomic
    def pause(self, subject: UUID, by: Actor) -> None:
        """Leave the lines that a guardian waits in, or a child is waited for in."""
        entries = list(WaitlistEntry.objects.open().filter(_theirs(subject)))
        _lock(entries, [])
        _leave(entries, by)

    def hold(self, subject: UUID) -> None:
        """Whatever books for them locks this row first."""
        User.objects.select_for_update(no_key=True).only("pk").filter(pk=subject).first()


def _theirs(subject: UUID) -> Q:
    """Whether a guardian waits, or a child is waited for."""
    return Q(guardian_id=subject) | Q(child_id=subject)


def _lock(entries: Iterable[WaitlistEntry], bookings: Iterable[TrialBooking]) -> None:
    """Every class at once, by their ids: one after the other they could be waited for crosswise."""
    waited = WaitlistChoice.objects.filter(entry__in=list(entries)).values_list("session", flat=True)
    lock_classes({*waited, *(booking.session_id for booking in bookings if booking.session_id)})


def _leave(entries: Iterable[WaitlistEntry], by: Actor) -> None:
    for entry in entries:
        leave(entry=entry, by=by)
