"""Who came: checked in by staff on the day of the class, taken as attended once it is over."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from enrollment.enums import BookingState
from enrollment.exceptions import StateChanged, TooEarly, TooLate
from enrollment.models import TrialBooking
from enrollment.policies import check_in_hours
from enrollment.services.steps import hold, take_step
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


def _step(
    booking: TrialBooking, since: BookingState, to: BookingState, by: Actor, action: str
) -> TrialBooking:
    row = hold(booking.pk)
    if row.session is None:
        raise StateChanged(row)
    if row.state == to:
        return row
    if row.state != since:
        raise StateChanged(row)
    opens, ends = check_in_hours(row.session)
    if timezone.now() < opens:
        raise TooEarly(row)
    if timezone.now() >= ends:
        raise TooLate(row)
    take_step(row, to, by=by, action=action)
    return row


def close_attendance() -> int:
    """Who was checked in to a class that is over has attended it; how many. What is held waits a minute."""
    closed = 0
    while batch := _close_some():
        closed += batch
    return closed


@transaction.atomic
def _close_some() -> int:
    came = TrialBooking.objects.came_to_the_end().with_places()
    rows = came.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")[:_BATCH]
    for row in rows:
        take_step(row, BookingState.ATTENDED, by=SYSTEM, action="trial.attended")
    return len(rows)
