"""What can go wrong with a booking. They carry data, never sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enrollment.models import ClassSession, TrialBooking


class AlreadyBooked(Exception):
    """There is a live one already: a request in this city, or a trial of this course for this child."""

    def __init__(self, booking: TrialBooking) -> None:
        super().__init__("already booked")
        self.booking = booking


class TooManyLive(AlreadyBooked):
    """The guardian has ``most`` live ones of the kind, calls or seats, as many as one may have.

    ``booking`` is the newest of them.
    """

    def __init__(self, booking: TrialBooking, most: int) -> None:
        super().__init__(booking)
        self.most = most


class TooManyOfCourse(TooManyLive):
    """The guardian has as many seats of the course to come as one may have, whatever the children."""


class IdempotencyConflict(Exception):
    """The same key came back with another request."""


class SessionGone(Exception):
    """No seat can be had in the class; ``alternatives`` are one to three others, none if nothing is free."""

    def __init__(self, session: ClassSession, alternatives: Sequence[ClassSession] = ()) -> None:
        super().__init__("no seat in this class")
        self.session = session
        self.alternatives = list(alternatives)


class SessionFull(SessionGone):
    """Every seat is taken."""


class SessionClosed(SessionGone):
    """The class takes no bookings any more, or none yet: closed, cancelled, begun, or past its cut-off."""


class HoldsFull(SessionGone):
    """As many seats as may be are held for numbers not yet proved; a proved number may still have one."""


class SessionElsewhere(ValueError):
    """The class or the campus is not where the request says."""


class AgeUnsuitable(Exception):
    """On the day of the class the child is ``months`` old, and the course is for another age."""

    def __init__(self, session: ClassSession, months: int) -> None:
        super().__init__("the course is for another age")
        self.session = session
        self.months = months


class Busy(Exception):
    """Others held the class for too long. The same request may be sent again, with the same key."""


class TooLate(Exception):
    """The booking's state, or the time, no longer allows this."""

    def __init__(self, booking: TrialBooking) -> None:
        super().__init__("too late")
        self.booking = booking


class HoldTooLate(TooLate):
    """The seat was kept until a moment ago."""


class TooEarly(TooLate):
    """The time for this comes at ``opens``."""

    def __init__(self, booking: TrialBooking, opens: datetime) -> None:
        super().__init__(booking)
        self.opens = opens


class StateChanged(Exception):
    """Somebody was faster: the booking, as it stands now, does not go where it was meant to."""

    def __init__(self, booking: TrialBooking) -> None:
        super().__init__("the booking has changed")
        self.booking = booking
