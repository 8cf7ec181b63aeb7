"""Moved bookings: which one came of which."""

from __future__ import annotations

from enrollment.enums import BookingState
from enrollment.models import TrialBooking


def newest(booking: TrialBooking) -> TrialBooking:
    """What ``booking`` has become by being moved, however often; itself if it never was. Reads places."""
    while booking.state == BookingState.RESCHEDULED:
        booking = TrialBooking.objects.with_places().get(rescheduled_from=booking)
    return booking
