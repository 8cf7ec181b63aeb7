"""What can go wrong with a booking. They carry data, never sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enrollment.models import TrialBooking


class AlreadyBooked(Exception):
    """The guardian has a live request in this city."""

    def __init__(self, booking: TrialBooking) -> None:
        super().__init__("already booked")
        self.booking = booking


class TooManyLive(AlreadyBooked):
    """The guardian has as many requests waiting for a call as one may have; ``booking`` is the newest."""


class IdempotencyConflict(Exception):
    """The same key came back with another request."""


class TooLate(Exception):
    """The booking's state no longer allows this."""

    def __init__(self, booking: TrialBooking) -> None:
        super().__init__("too late")
        self.booking = booking
