"""When something may be done to a booking, and how many one may have."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from enrollment.enums import TRANSITIONS, BookingState
from enrollment.models import ClassSession, TrialBooking
from kit.quiet_hours import next_waking

MOST_LIVE = 5  # requests of one guardian that wait for a call at the same time
MOST_SEATS = 10  # seats of one guardian in classes to come
MOST_OF_A_COURSE = 3  # of those, of one course and so of one class: one phone cannot empty it
MOST_BOOKINGS = ((10, 3600), (20, 86400))  # of one guardian, within so many seconds

CHECK_IN_OPENS = timedelta(minutes=60)  # before the class; families come early
BOOKING_CLOSES = timedelta(minutes=30)  # before the class, unless it was planned otherwise
OFFER_AT_LEAST, OFFER_AT_MOST = timedelta(minutes=30), timedelta(hours=24)
HOLD = timedelta(minutes=5)  # a seat is kept so long while the code is on its way

_BEFORE_THE_CLASS = (BookingState.HELD, BookingState.BOOKED)


def can_cancel_until(booking: TrialBooking) -> datetime | None:
    """The moment from which parents can no longer give the seat back; None where there is no seat to give.

    A request without a class can be cancelled at any time.
    """
    if booking.session is None or booking.state not in _BEFORE_THE_CLASS:
        return None
    return seats_final_from(booking.session)


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


def check_in_hours(session: ClassSession) -> tuple[datetime, datetime]:
    """From when until when families of the class are checked in: to the end of its day in Asia/Shanghai."""
    day = timezone.localtime(session.starts_at).replace(hour=0, minute=0, second=0, microsecond=0)
    return session.starts_at - CHECK_IN_OPENS, day + timedelta(days=1)


def no_show_hours(session: ClassSession) -> tuple[datetime, datetime]:
    """From when until when a family is noted as not come: from the beginning of the class."""
    return session.starts_at, check_in_hours(session)[1]
