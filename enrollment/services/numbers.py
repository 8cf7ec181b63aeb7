"""A parent's whole number, shown to staff who must call: with a reason, and never unrecorded."""

from django.db import transaction

from accounts.services.guardians import phone_of
from enrollment.enums import RevealReason
from enrollment.models import TrialBooking
from privacy.actors import Actor
from privacy.audit.services import record


def reveal_number(*, booking: TrialBooking, reason: RevealReason, by: Actor) -> str | None:
    """The number (E.164) behind a booking, or None when there is none any more.

    The record is committed before the number is read: whatever fails afterwards, the look stays on record.
    """
    with transaction.atomic(durable=True):
        record(
            "number.revealed",
            by=by,
            subject=booking.guardian_id,
            target=booking,
            detail={"reason": reason.value},
        )
    return phone_of(booking.owner_id)
