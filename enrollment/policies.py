"""When something may be done to a booking, and how many one may have."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from enrollment.enums import TRANSITIONS, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from kit.quiet_hours import next_waking

MOST_LIVE = 5  # requests of one guardian that wait for a call at the same time
MOST_SEATS = 10  # seats of one guardian in classes to come
MOST_OF_A_COURSE = 3  # of those, of one course and so of one class: one phone cannot empty it
MOST_BOOKINGS = ((10, 3600), (20, 86400))  # of one guardian, within so many seconds
MOST_MOVES = MOST_BOOKINGS  # each costs a message too
MOST_WAITING = 5  # open entries of one guardian on waiting lists
MOST_CLASSES_WAITED = 6  # in one entry, any of which will do
MOST_JOINED = 30  # entries one guardian may make within a day

DAY_REMINDER_AT_LEAST = timedelta(hours=3)  # before the class; any later the other reminder says it
CHECK_IN_OPENS = timedelta(minutes=60)  # before the class; families come early
BOOKING_CLOSES = timedelta(minutes=30)  # before the class, unless it was planned otherwise
OFFER_AT_LEAST, OFFER_AT_MOST = timedelta(minutes=30), timedelta(hours=24)
TIME_TO_STAY = timedelta(hours=2)  # before the class; then a family may be on its way
HOLD = timedelta(minutes=5)  # a seat is kept so long while the code is on its way

_BEFORE_THE_CLASS = (BookingState.HELD, BookingState.BOOKED)


def can_cancel_until(booking: TrialBooking) -> datetime | None:
    """The moment from which parents can no longer give the seat back; None where there is no seat to give.

    A request without a class can be cancelled at any time.
    """
    return _changeable_until(booking) if booking.state in _BEFORE_THE_CLASS else None


def can_move_until(booking: TrialBooking) -> datetime | None:
    """The moment from which parents can no longer move to another class; None without one to leave."""
    return _changeable_until(booking) if booking.state == BookingState.BOOKED else None


def can_move(booking: TrialBooking, at: datetime) -> bool:
    """Whether the family may move to another class at ``at``; staff may as long as it is booked."""
    until = can_move_until(booking)
    return until is not None and at < until


def can_keep(booking: TrialBooking, at: datetime) -> bool:
    """Whether the family may say at ``at`` that it comes: until the class begins, if it takes place."""
    session = booking.session
    takes_place = session is not None and session.state != SessionState.CANCELLED and at < session.starts_at
    return takes_place and booking.state == BookingState.BOOKED


def _changeable_until(booking: TrialBooking) -> datetime | None:
    """Whoever had their class changed may answer that until it begins."""
    if booking.session is None:
        return None
    starts_at: datetime = booking.session.starts_at
    return starts_at if booking.class_changed_at else seats_final_from(booking.session)


def seats_final_from(session: ClassSession) -> datetime:
    """The moment from which a seat in ``session`` can no longer be given back by the family."""
    final: datetime = session.starts_at - timedelta(hours=settings.CANCEL_HOURS)
    return final


def can_cancel(booking: TrialBooking, at: datetime) -> bool:
    """Whether the family may cancel at ``at``; staff may as long as the state allows it."""
    until = can_cancel_until(booking)
    return is_cancellable(booking) and (until is None or at < until)


def is_cancellable(booking: TrialBooking) -> bool:
    """Whether anybody may still cancel, as far as the state goes."""
    return BookingState.CANCELLED in TRANSITIONS[BookingState(booking.state)]


def offer_until(session: ClassSession, at: datetime) -> datetime | None:
    """Until when a seat offered at ``at`` is kept for who waited; None when no time is left to answer.

    A quarter of the time that is left, and a day at the most. Nobody is asked to answer at night.
    """
    awake = next_waking(at)
    until = awake + min(max((session.booking_closes_at - awake) / 4, OFFER_AT_LEAST), OFFER_AT_MOST)
    return until if until <= session.booking_closes_at else None


def can_wait(session: ClassSession, at: datetime) -> bool:
    """Whether one may join the waiting list of ``session`` at ``at``: open, full, and time left to answer."""
    full = session.takes_bookings(at) and not session.seats_left
    return full and offer_until(session, at) is not None


def check_in_hours(session: ClassSession) -> tuple[datetime, datetime]:
    """From when until when families of the class are checked in: to the end of its day in Asia/Shanghai."""
    day = timezone.localtime(session.starts_at).replace(hour=0, minute=0, second=0, microsecond=0)
    return session.starts_at - CHECK_IN_OPENS, day + timedelta(days=1)


def no_show_hours(session: ClassSession) -> tuple[datetime, datetime]:
    """From when until when a family is noted as not come: from the beginning of the class."""
    return session.starts_at, check_in_hours(session)[1]


def told_at(starts_at: datetime, at: datetime) -> datetime:
    """When families are told at ``at`` of a change to a class that begins at ``starts_at``.

    By day; at night only when the morning would be too late to stay at home.
    """
    awake = next_waking(at)
    return awake if starts_at - awake >= TIME_TO_STAY else at
