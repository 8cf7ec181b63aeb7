"""A booking as pages show it. Nothing of the child's, and the number masked: links are passed on in chats."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.services.guardians import masked_phone_of
from enrollment.enums import TRANSITIONS, BookingState
from enrollment.models import TrialBooking


def summary(booking: TrialBooking) -> dict[str, Any]:
    """What lists show."""
    return {
        "reference": booking.reference,
        "state": booking.state,
        "state_text": booking.get_state_display(),
        "city": booking.city.name,
        "created_at": booking.created_at,
        "url": booking.get_absolute_url(),
    }


def details(booking: TrialBooking) -> dict[str, Any]:
    """What a booking's own pages show, and what can be done there."""
    return {
        "booking": {**summary(booking), "phone_masked": masked_phone_of(booking.guardian_id)},
        "booking_url": booking.get_absolute_url(),
        "cancel_url": reverse("enrollment:cancel", args=[booking.public_id]),
        "can_cancel": BookingState.CANCELLED in TRANSITIONS[BookingState(booking.state)],
    }
