"""Whether a message about a booking still says what is so, asked at the moment in which it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from enrollment.enums import LIVE, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import DAY_REMINDER_AT_LEAST

_TO_COME = (SessionState.OPEN, SessionState.CLOSED)


class Wanted:
    """Provider of the port `still_wanted`."""

    def still_wanted(self, template: str, about_id: UUID, about_at: datetime | None) -> bool:
        """Whether the booking stands as the message says. Its row is held until the transaction ends."""
        booking = TrialBooking.objects.select_for_update(no_key=True).filter(pk=about_id).first()
        # The class is read only now: a change of it that we had to wait for is seen.
        if booking is None or booking.session is None:
            return False
        return _RULES.get(template, _is_live)(booking, booking.session, about_at)


def _is_live(booking: TrialBooking, session: ClassSession, about_at: datetime | None) -> bool:
    return booking.state in LIVE and booking.lapsed_at is None and about_at in (None, session.starts_at)


def _is_kept(booking: TrialBooking, session: ClassSession, about_at: datetime | None) -> bool:
    still_held = booking.state == BookingState.HELD and booking.hold_expires_at == about_at
    return still_held and about_at is not None and timezone.now() < about_at


def _is_ahead(
    booking: TrialBooking, session: ClassSession, about_at: datetime | None, by: timedelta = timedelta(0)
) -> bool:
    booked = booking.state == BookingState.BOOKED and booking.lapsed_at is None
    takes_place = session.state in _TO_COME and session.starts_at == about_at
    return booked and takes_place and timezone.now() < session.starts_at - by


def _is_a_day_ahead(booking: TrialBooking, session: ClassSession, about_at: datetime | None) -> bool:
    return _is_ahead(booking, session, about_at, DAY_REMINDER_AT_LEAST)


def _was_missed(booking: TrialBooking, session: ClassSession, about_at: datetime | None) -> bool:
    return booking.state == BookingState.NO_SHOW


# By template; a message of another kind is about a booking that lives, and about the time it was told.
_RULES: dict[str, Callable[[TrialBooking, ClassSession, datetime | None], bool]] = {
    "seat_offered": _is_kept,
    "reminder_day": _is_a_day_ahead,
    "reminder_soon": _is_ahead,
    "missed_you": _was_missed,
    "missed_you_offer": _was_missed,
}
