"""What SQL typed by hand can do to holds, moves, offers and attendance: nothing that no service would."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from enrollment.models import BookingEvent, ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.services.seats import lock_class, settle
from tests.enrollment.test_seat_ledger import counted, insert, refused, sql, taken
from tests.families import a_guardian, a_seat
from tests.holding import a_hold, seats
from tests.places import a_class, at

pytestmark = pytest.mark.django_db(databases="__all__")

BOOKINGS = "UPDATE enrollment_trialbooking SET"
CONFIRMED = f"{BOOKINGS} state = 'booked', hold_expires_at = NULL, phone_index = NULL"


def at_the_commit() -> None:
    """What the database leaves to the end of a transaction, asked now."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")


def begun(session: ClassSession) -> None:
    """It began a minute ago."""
    start = timezone.now() - timedelta(minutes=1)
    ClassSession.objects.filter(pk=session.pk).update(starts_at=start, booking_closes_at=start)


# Holds


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        ("held_iff_expiry", "hold_expires_at = NULL"),
        ("held_for_a_number_or_a_person", "phone_index = NULL"),
        ("held_for_a_number_or_a_person", "verified_at = now()"),
        ("held_for_a_number_or_a_person", "guardian_id = %(somebody)s"),
        ("few_in_a_party", "party_place = 4"),
        ("few_in_a_party", "party_place = 0"),
        ("booking_keeps_its_class", "session_id = NULL, course_id = NULL"),
    ],
)
def test_a_hold_is_for_somebody_in_a_class_and_has_an_end(law: str, wrong: str) -> None:
    session = a_class()
    a_hold(session)

    with refused(law):
        sql(f"{BOOKINGS} {wrong}", {"somebody": a_guardian().pk})
    assert seats(session) == (1, 1)


def test_a_hold_that_has_run_out_is_never_confirmed() -> None:
    session, guardian = a_class(), a_guardian()
    hold = a_hold(session)
    sql(f"{BOOKINGS} hold_expires_at = clock_timestamp() WHERE id = %s", [hold.pk])

    with refused("expired_holds_stay_expired"):
        sql(f"{CONFIRMED}, guardian_id = %s, verified_at = now()", [guardian.pk])
    with refused("held_iff_expiry"):
        sql(f"{BOOKINGS} state = 'expired', closed_at = now(), phone_index = NULL")
    sql(f"{BOOKINGS} state = 'expired', closed_at = now(), phone_index = NULL, hold_expires_at = NULL")
    with refused("enrollment_trialbooking_state_steps"):
        sql(f"{CONFIRMED}, guardian_id = %s, verified_at = now(), closed_at = NULL", [guardian.pk])
    assert seats(session) == (0, 0)


def test_a_hold_is_confirmed_by_somebody_proved_alone() -> None:
    session, guardian = a_class(), a_guardian()
    a_hold(session)

    with refused("booked_by_somebody"):
        sql(f"{CONFIRMED}, verified_at = now()")
    with refused("booked_is_verified"):
        sql(f"{CONFIRMED}, guardian_id = %s", [guardian.pk])
    assert sql(f"{CONFIRMED}, guardian_id = %s, verified_at = now()", [guardian.pk]) == 1
    assert seats(session) == (1, 0)


def test_a_number_holds_one_seat_a_place() -> None:
    first, second = a_hold(a_class()), a_hold(a_class(starts_at=at(days=4, hour=9)))

    with refused("one_hold_a_phone"):
        sql(f"{BOOKINGS} phone_index = %s WHERE id = %s", [first.phone_index, second.pk])
    assert sql(f"{BOOKINGS} phone_index = %s, party_place = 2 WHERE id = %s", [first.phone_index, second.pk])


def test_holds_in_bulk_and_a_lower_cap_are_refused() -> None:
    session = a_class(capacity=4)

    with refused("holds_cannot_starve"):
        insert(session, 3, state="held", verified=False)
    insert(session, 2, state="held", verified=False)
    with refused("holds_cannot_starve"):
        sql("UPDATE enrollment_classsession SET unverified_cap = 1")
    with refused("holds_cannot_starve"):
        insert(session, state="held", verified=False)
    assert seats(session) == (2, 2)


def test_letting_all_go_at_once_gives_every_seat_back() -> None:
    session = a_class(capacity=4)
    insert(session, 2)
    insert(session, 2, state="held", verified=False)

    sql(f"{BOOKINGS} state = 'cancelled', closed_at = now(), hold_expires_at = NULL, phone_index = NULL")

    assert seats(session) == (0, 0)
    assert insert(session, 4) == 4


def test_a_class_is_called_off_once_it_is_empty() -> None:
    session = a_class()
    a_hold(session)
    off = "UPDATE enrollment_classsession SET state = 'cancelled'"

    with refused("nobody_left_in_a_called_off_class"):
        sql(off)
    sql(f"{BOOKINGS} state = 'cancelled', closed_at = now(), hold_expires_at = NULL, phone_index = NULL")
    sql(off)
    with refused("nobody_left_in_a_called_off_class"):
        insert(session)


# Moves


def moved(booking: TrialBooking) -> int:
    return sql(f"{BOOKINGS} state = 'rescheduled', closed_at = now() WHERE id = %s", [booking.pk])


def succeed(booking: TrialBooking, session: ClassSession) -> int:
    insert(session, guardian=booking.guardian)
    return sql(f"{BOOKINGS} rescheduled_from_id = %s WHERE session_id = %s", [booking.pk, session.pk])


def test_a_moved_booking_has_a_successor() -> None:
    booking = a_seat(a_class())

    with refused("moved_to_one_successor"):
        moved(booking)
        at_the_commit()
    booking.refresh_from_db()
    assert booking.state == "booked"


def test_a_successor_follows_what_was_moved() -> None:
    booking, other = a_seat(a_class()), a_class(starts_at=at(days=4, hour=9))

    with refused("moved_to_one_successor"):
        succeed(booking, other)
        at_the_commit()
    assert counted(other) == 0


def test_nobody_succeeds_twice() -> None:
    booking = a_seat(a_class())
    first, second = [a_class(starts_at=at(days=4, hour=hour)) for hour in (9, 11)]
    moved(booking)
    succeed(booking, first)
    at_the_commit()

    with refused("enrollment_trialbooking_rescheduled_from_id_key"):
        succeed(booking, second)
    with refused("moved_to_one_successor"):
        sql(
            f"{BOOKINGS} rescheduled_from_id = NULL, state = 'rescheduled', closed_at = now() WHERE session_id = %s",
            [first.pk],
        )
        at_the_commit()
    assert (taken(first), taken(second)) == (1, 0)


def test_what_was_moved_or_cancelled_does_not_come_back() -> None:
    booking, other = a_seat(a_class()), a_class(starts_at=at(days=4, hour=9))
    moved(booking)
    succeed(booking, other)

    for state in ("booked", "cancelled", "held"):
        with refused("enrollment_trialbooking_state_steps"):
            sql(f"{BOOKINGS} state = %s WHERE id = %s", [state, booking.pk])


# Attendance


def test_nobody_is_absent_before_the_class_begins() -> None:
    session = a_class()
    insert(session, 2)
    absent = f"{BOOKINGS} state = 'no_show', closed_at = now()"

    with refused("absent_from_a_class_begun"):
        sql(absent)
    begun(session)
    assert sql(absent) == 2
    assert taken(session) == 2


@pytest.mark.parametrize("state", ["attended", "expired"])
def test_steps_are_not_skipped(state: str) -> None:
    insert(a_class())

    with refused("enrollment_trialbooking_state_steps"):
        sql(f"{BOOKINGS} state = %s, closed_at = now()", [state])


# Offers


def a_queue() -> tuple[ClassSession, WaitlistEntry]:
    """A full class of one seat, and a family that waits for it."""
    session, guardian = a_class(capacity=1), a_guardian()
    insert(session)
    entry = WaitlistEntry.objects.create(guardian=guardian, channel="web")
    WaitlistChoice.objects.create(entry=entry, session=session)
    return session, entry


@pytest.mark.parametrize("state", ["offered", "accepted", "expired"])
def test_only_an_offered_seat_moves_the_entry(state: str) -> None:
    a_queue()
    over = "NULL" if state == "offered" else "now()"

    law = "offers_move_the_entry" if state == "offered" else "enrollment_waitlistentry_state_steps"
    with refused(law):
        sql(f"UPDATE enrollment_waitlistentry SET state = %s, closed_at = {over}", [state])  # noqa: S608
    with refused("offers_move_the_entry"):
        sql("UPDATE enrollment_waitlistchoice SET state = %s", [state])


def test_nothing_is_offered_to_who_does_not_wait() -> None:
    session, entry = a_queue()
    sql("UPDATE enrollment_waitlistentry SET state = 'withdrawn', closed_at = now()")
    sql("UPDATE enrollment_classsession SET capacity = 2")

    with refused("offers_move_the_entry"):
        offer(session, entry)
    assert taken(session) == 1


def offer(session: ClassSession, entry: WaitlistEntry) -> TrialBooking:
    return TrialBooking.objects.create(
        guardian=entry.guardian,
        city=session.campus.city,
        session=session,
        state="held",
        channel="web",
        verified_at=timezone.now(),
        hold_expires_at=timezone.now() + timedelta(hours=1),
        waitlist_entry=entry,
    )


def test_an_offer_is_made_once_and_settled_by_its_seat() -> None:
    session, entry = a_queue()
    sql("UPDATE enrollment_classsession SET capacity = 3")
    with transaction.atomic():
        settle(lock_class(session.pk))

    with refused("one_active_trial_unnamed"):
        offer(session, entry)
    sql(f"{BOOKINGS} child_id = gen_random_uuid() WHERE waitlist_entry_id = %s", [entry.pk])
    with refused("one_live_offer"):
        offer(session, entry)
    with refused("offers_move_the_entry"):
        sql("UPDATE enrollment_waitlistentry SET state = 'withdrawn', closed_at = now()")
    sql(f"{BOOKINGS} state = 'booked', hold_expires_at = NULL WHERE waitlist_entry_id = %s", [entry.pk])
    entry.refresh_from_db()
    assert (entry.state, entry.choices.get().state) == ("accepted", "accepted")


# What only grows


def test_nobody_deletes_what_happened() -> None:
    a_seat(a_class())
    a_queue()

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql("DELETE FROM enrollment_bookingevent")
    with refused("live_places_stay"):
        sql("DELETE FROM enrollment_waitlistentry")
    assert BookingEvent.objects.exists()


def test_nobody_rewrites_a_step() -> None:
    a_seat(a_class())

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql("UPDATE enrollment_bookingevent SET state = 'attended'")
