"""What can go wrong with a booking. They carry data, never sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from courses.models import Campus
    from enrollment.models import ClassSession, TrialBooking, WaitlistEntry


class AlreadyBooked(Exception):
    """There is a live one already: a request in this city, or a trial of this course for this child.

    ``booking`` is of the guardian who asks, never of anybody else. ``place`` says which of several children
    it is about, 0 where one alone was asked for.
    """

    def __init__(self, booking: TrialBooking, place: int = 0) -> None:
        super().__init__("already booked")
        self.booking = booking
        self.place = place


class BookedByOther(Exception):
    """The child's other guardian has a trial of this course for it. That booking is theirs, and not told of.

    ``session`` is the class that was asked for.
    """

    def __init__(self, session: ClassSession, place: int = 0) -> None:
        super().__init__("booked by the other guardian")
        self.session = session
        self.place = place


class TooManyLive(AlreadyBooked):
    """The guardian has ``most`` live ones of the kind, calls or seats, as many as one may have.

    ``booking`` is the newest of them.
    """

    def __init__(self, booking: TrialBooking, most: int) -> None:
        super().__init__(booking)
        self.most = most


class TooManyOfCourse(TooManyLive):
    """The guardian has as many seats of the course to come as one may have, whatever the children."""


class TooManyThisYear(Exception):
    """It would be more than ``most`` trials of one guardian in twelve months; ``campus`` can be called."""

    def __init__(self, campus: Campus, most: int) -> None:
        super().__init__("too many within a year")
        self.campus = campus
        self.most = most


class IdempotencyConflict(Exception):
    """The same key came back with another request."""


class SessionGone(Exception):
    """No seat can be had in the class; ``alternatives`` are one to three others, none if nothing is free.

    ``seats`` is how many were asked for at once: all of them, or none.
    """

    def __init__(
        self, session: ClassSession, alternatives: Sequence[ClassSession] = (), seats: int = 1
    ) -> None:
        super().__init__("no seat in this class")
        self.session = session
        self.alternatives = list(alternatives)
        self.seats = seats


class SessionFull(SessionGone):
    """Every seat is taken."""


class SessionClosed(SessionGone):
    """The class takes no bookings any more, or none yet: closed, cancelled, begun, or past its cut-off."""


class SessionChanged(SessionClosed):
    """The class is at another time or place than a moment ago, when it was chosen."""


class HoldsFull(SessionGone):
    """As many seats as may be are held for numbers not yet proved; a proved number may still have one."""


class SessionElsewhere(ValueError):
    """The class or the campus is not where the request says."""


class AgeUnsuitable(Exception):
    """On the day of the class the child is ``months`` old, and the course is for another age.

    Without ``months`` whoever asks is not proved to be the guardian, and is not told. Of several children
    asked for at once it is the one at ``place``, and ``ages`` are the months of all, in their order.
    """

    def __init__(
        self, session: ClassSession, months: int | None = None, place: int = 0, ages: Sequence[int] = ()
    ) -> None:
        super().__init__("the course is for another age")
        self.session = session
        self.months = months
        self.place = place
        self.ages = list(ages)


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


class SeatFree(Exception):
    """Nobody need wait for this class: a seat is to be had."""

    def __init__(self, session: ClassSession) -> None:
        super().__init__("a seat is free")
        self.session = session


class AlreadyWaiting(Exception):
    """The child, or the family without one, waits for one of the classes; maybe by another guardian."""

    def __init__(self, entry: WaitlistEntry) -> None:
        super().__init__("already waiting")
        self.entry = entry


class TooManyWaiting(Exception):
    """The guardian waits in ``most`` places, as many as one may."""

    def __init__(self, most: int) -> None:
        super().__init__("waits for too much")
        self.most = most


class NoOffer(Exception):
    """No seat has been offered to this entry, or not one that could be taken."""

    def __init__(self, entry: WaitlistEntry) -> None:
        super().__init__("nothing to accept")
        self.entry = entry


class ClassFixed(Exception):
    """The class has begun, is over or was called off: it stays as it is."""

    def __init__(self, session: ClassSession) -> None:
        super().__init__("the class is no longer changed")
        self.session = session


class ClassRefused(Exception):
    """No class can be like that: ``law`` names what forbids it, of the database's or ``class_to_come``."""

    def __init__(self, session: ClassSession, law: str) -> None:
        super().__init__(law)
        self.session = session
        self.law = law
