"""What a family answers when it is asked whether it comes."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from enrollment.enums import BookingState
from enrollment.exceptions import StateChanged, TooLate
from enrollment.models import TrialBooking
from enrollment.policies import can_keep
from enrollment.services.steps import come, hold
from enrollment.services.succession import newest
from privacy.actors import Actor


@transaction.atomic
def keep_trial(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """Note that the family comes, also to a class that was changed; its cut-off is the usual one again.

    Raises TooLate once the class has begun or when it does not take place, StateChanged for a booking that
    was moved. Said again, nothing changes.
    """
    row = hold(booking.pk)
    if row.state == BookingState.RESCHEDULED:
        raise StateChanged(newest(row))
    if not can_keep(row, timezone.now()):
        raise TooLate(row)
    if row.coming_at is None or row.class_changed_at is not None:
        come(row, by=by)
    return row
