"""How long bookings and places in line stay: leads half a year, what was attended three years, to the day."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment.models import BookingEvent, ManageLink, TrialBooking, WaitlistEntry
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.waitlist import leave
from privacy.actors import SYSTEM
from privacy.retention.rules import rules
from privacy.retention.services.purging import purge
from tests.enrollment.test_seat_ledger import sql, taken
from tests.enrollment.test_what_may_go import a_session_of, over
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_class, put_back
from tests.waiters import a_full_class, waits_for

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.clause("L-PP-4.1-3b"),
    pytest.mark.clause("L-PP-4.1-3c"),
]

ALL = ("bookings.attended", "bookings.not_attended", "bookings.not_marked", "bookings.not_fixed", "waiting")


def purged() -> dict[str, int]:
    """Every rule carried out now; how many rows each took, where it took any."""
    gone = {name: purge(rules[name], timezone.now()).rows for name in ALL}
    return {name: rows for name, rows in gone.items() if rows}


def later(table: str, column: str, days: int) -> None:
    sql(f"UPDATE {table} SET {column} = {column} - %s", [timedelta(days=days)])  # noqa: S608  ours


def test_what_was_attended_stays_three_years() -> None:
    booking = over(a_seat(session := a_class()), "attended", timedelta(days=3 * 365))
    assert purged() == {}

    later("enrollment_trialbooking", "closed_at", 3)
    assert purged() == {"bookings.attended": 1}
    assert taken(session) == 0
    assert not BookingEvent.objects.filter(booking=booking).exists()


def test_who_did_not_come_or_cancelled_is_forgotten_after_half_a_year() -> None:
    over(a_seat(a_class()), "no_show", timedelta(days=178))
    cancel_trial(booking=a_seat(a_class()), by=SYSTEM)
    assert purged() == {}

    later("enrollment_trialbooking", "closed_at", 180)
    assert purged() == {"bookings.not_attended": 2}
    assert not TrialBooking.objects.exists()
    assert not ManageLink.objects.exists()


def test_whom_nobody_marked_too() -> None:
    booking = a_seat(a_class())
    put_back(a_session_of(booking), days=4)
    TrialBooking.objects.update(lapsed_at=timezone.now() - timedelta(days=178))
    assert purged() == {}

    later("enrollment_trialbooking", "lapsed_at", 2)
    assert purged() == {"bookings.not_marked": 1}


def test_a_wish_that_came_to_no_class_goes_after_half_a_year() -> None:
    request_trial(guardian=a_guardian(), request=a_wish())
    later("enrollment_trialbooking", "created_at", 178)
    assert purged() == {}

    later("enrollment_trialbooking", "created_at", 2)
    assert purged() == {"bookings.not_fixed": 1}
    assert not BookingEvent.objects.exists()


def test_a_booking_to_come_stays_however_old() -> None:
    a_seat(a_class())
    later("enrollment_trialbooking", "created_at", 2000)

    assert purged() == {}


def test_places_in_line_go_half_a_year_after_their_end() -> None:
    guardian = a_guardian()
    entry = waits_for(a_full_class(), guardian=guardian)
    later("enrollment_waitlistentry", "joined_at", 500)
    assert purged() == {}

    leave(entry=entry, by=acting(guardian))
    later("enrollment_waitlistentry", "closed_at", 180)
    assert purged() == {"waiting": 1}
    assert not WaitlistEntry.objects.exists()
