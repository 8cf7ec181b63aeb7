"""Who came and who stayed away: noted by staff on the day of the class; the clock settles the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from enrollment.enums import BookingState
from enrollment.exceptions import StateChanged, TooEarly, TooLate
from enrollment.models import ClassSession, TrialBooking, TrialBookingQuerySet
from enrollment.policies import check_in_hours, no_show_hours
from enrollment.services.reminder_notices import tell_missed
from enrollment.services.steps import hold, lapse, take_step
from privacy.actors import SYSTEM, Actor

_BATCH = 200  # bookings a transaction


@transaction.atomic
def check_in(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """The family is here. Who was checked in a moment ago by somebody else is checked in: no mistake.

    Raises TooEarly, TooLate outside the hours of check-in, and StateChanged when the booking no longer waits.
    """
    return _step(booking, BookingState.BOOKED, BookingState.CHECKED_IN, by, "trial.checked_in")


@transaction.atomic
def undo_check_in(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """It was another family. Raises as `check_in`; from the end of the class on, who came has attended."""
    return _step(booking, BookingState.CHECKED_IN, BookingState.BOOKED, by, "trial.check_in_undone")


@transaction.atomic
def mark_no_show(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """The class has begun without them. Raises as `check_in`; TooEarly until the class begins."""
    row = _step(booking, BookingState.BOOKED, BookingState.NO_SHOW, by, "trial.no_show", hours=no_show_hours)
    tell_missed(row)
    return row


@transaction.atomic
def mark_came_late(*, booking: TrialBooking, by: Actor) -> TrialBooking:
    """Taken for one who stayed away, and came after all. Raises as `check_in`; it cannot be undone."""
    return _step(booking, BookingState.NO_SHOW, BookingState.ATTENDED, by, "trial.came_late")


def _step(
    booking: TrialBooking,
    since: BookingState,
    to: BookingState,
    by: Actor,
    action: str,
    hours: Callable[[ClassSession], tuple[datetime, datetime]] = check_in_hours,
) -> TrialBooking:
    row = hold(booking.pk)
    if row.session is None:
        raise StateChanged(row)
    if row.state == to:
        return row
    if row.state != since:
        raise StateChanged(row)
    opens, ends = hours(row.session)
    if timezone.now() < opens:
        raise TooEarly(row, opens)
    if timezone.now() >= ends:
        raise TooLate(row)
    take_step(row, to, by=by, action=action)
    return row


def close_attendance() -> int:
    """Who was checked in to a class that is over has attended it; how many. What is held waits a minute."""
    return _in_batches(_close_some)


def lapse_unmarked() -> int:
    """Set aside the bookings nobody took attendance of by the end of their class; how many.

    That is no word on who came: staff may still say so that day. It only bars no family from another class.
    """
    return _in_batches(_lapse_some)


def _in_batches(some: Callable[[], int]) -> int:
    done = 0
    while batch := some():
        done += batch
    return done


@transaction.atomic
def _close_some() -> int:
    rows = _next(TrialBooking.objects.came_to_the_end())
    for row in rows:
        take_step(row, BookingState.ATTENDED, by=SYSTEM, action="trial.attended")
    return len(rows)


@transaction.atomic
def _lapse_some() -> int:
    rows = _next(TrialBooking.objects.left_unmarked())
    for row in rows:
        lapse(row, by=SYSTEM)
    return len(rows)


def _next(due: TrialBookingQuerySet) -> TrialBookingQuerySet:
    rows = due.with_places().select_for_update(no_key=True, skip_locked=True, of=("self",))
    return rows.order_by("pk")[:_BATCH]
