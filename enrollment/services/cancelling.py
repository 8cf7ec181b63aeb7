"""Giving seats back: one, or those of a whole party in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from enrollment.enums import LIVE, BookingState
from enrollment.exceptions import Busy, TooLate
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import can_cancel, is_cancellable
from enrollment.services.notices import tell_cancelled
from enrollment.services.other_guardians import tell_others_cancelled
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import lock_classes, settle
from enrollment.services.steps import hold, take_step
from privacy.actors import Actor


@in_our_words()
@transaction.atomic
def cancel_trial(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """Cancel, once, which frees the seat; what is cancelled stays so.

    Raises TooLate when the state forbids it, or, except for staff and the software, the time; Busy.
    """
    classes = lock_classes([booking.session_id] if booking.session_id else [])
    row = hold(booking.pk)
    if row.state != BookingState.CANCELLED:
        _cancel([row], classes, by)
    return row


@in_our_words()
@transaction.atomic
def cancel_party(*, booking: TrialBooking, by: Actor) -> list[TrialBooking]:
    """Cancel all that is still before the siblings who were booked together with ``booking``; those rows.

    All of it, or, raising as `cancel_trial`, nothing.
    """
    known = TrialBooking.objects.filter(pk=booking.pk)
    if booking.party_id:
        known = TrialBooking.objects.of(booking.owner_id).of_parties([booking.party_id])
    places = dict(known.values_list("pk", "session"))
    classes = lock_classes(session for session in places.values() if session)
    rows = [hold(pk) for pk in sorted(places)]
    if any(row.state == BookingState.RESCHEDULED for row in rows):
        raise Busy  # moved just now, to a class that is not held here
    ahead = [row for row in rows if row.state in LIVE]
    if ahead:
        _cancel(ahead, classes, by)
    return ahead


def _cancel(rows: Sequence[TrialBooking], classes: Mapping[UUID, ClassSession], by: Actor) -> None:
    """Rows and classes are held."""
    at = timezone.now()
    for row in rows:
        if not (is_cancellable(row) if by.kind in ("staff", "system") else can_cancel(row, at)):
            raise TooLate(row)
    for row in rows:
        take_step(row, BookingState.CANCELLED, by=by, action="trial.cancelled")
    tell_cancelled(rows[0], seats=len(rows), left=_left_of_party(rows[0]))
    tell_others_cancelled(rows)
    for session in classes.values():
        settle(session)
    for row in rows:
        if row.session:
            row.session.refresh_from_db(fields=["seats_taken"])


def _left_of_party(booking: TrialBooking) -> int:
    """How many seats that were booked together with it are still the family's."""
    if not booking.party_id:
        return 0
    party = TrialBooking.objects.of(booking.owner_id).of_parties([booking.party_id])
    return party.filter(state__in=LIVE).count()
