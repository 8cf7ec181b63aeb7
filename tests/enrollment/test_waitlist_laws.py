"""What the database holds of the waiting list whoever writes: tried by hand, past every service."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from enrollment.enums import WAITLIST_TRANSITIONS, WaitlistState
from enrollment.exceptions import SessionFull
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from kit.constraints import broken
from kit.uuid7 import uuid7
from tests.cleaning import empty_databases
from tests.families import a_guardian, a_seat
from tests.places import a_class
from tests.waiters import a_full_class, frees_a_seat, offered, runs_out, state_of, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ENTRY = "UPDATE enrollment_waitlistentry SET state = %s, closed_at = %s WHERE id = %s"
CHOICE = "UPDATE enrollment_waitlistchoice SET state = %s WHERE entry_id = %s"


def sql(statement: str, *values: object) -> int:
    """Run a statement as the app role; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


@contextmanager
def refused(law: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert broken(refusal.value) == law


def free_and_waited_for() -> tuple[ClassSession, WaitlistEntry]:
    """A class with a free seat and a family in its line, as between two transactions nobody settled."""
    session = a_full_class()
    entry = waits_for(session)
    sql("UPDATE enrollment_classsession SET overbook_allowance = 1 WHERE id = %s", session.pk)
    return session, entry


def seat_of(session: ClassSession, guardian: User | None = None, **given: Any) -> TrialBooking:
    """A seat as an import would write it."""
    booked = {"state": "booked", "channel": "web", "verified_at": session.starts_at, **given}
    return TrialBooking.objects.create(
        guardian=guardian or a_guardian(), city=session.campus.city, session=session, **booked
    )


@pytest.mark.parametrize("state", ["booked", "held"])
def test_nobody_jumps_the_queue_by_hand(state: str) -> None:
    session, entry = free_and_waited_for()
    hold = {"hold_expires_at": session.starts_at} if state == "held" else {}

    with refused("the_queue_comes_first"):
        seat_of(session, state=state, **hold)

    assert seat_of(session, channel="staff").state == "booked"  # at the desk, by somebody who answers for it
    assert state_of(entry) == "waiting"


@pytest.mark.parametrize("state", ["offered", "accepted", "expired"])
def test_what_comes_of_an_offer_is_not_written_by_hand(state: str) -> None:
    entry = waits_for(a_full_class())

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        sql(ENTRY, state, None if state == "offered" else entry.joined_at, entry.pk)

    assert broken(refusal.value) in {"offers_move_the_entry", "enrollment_waitlistentry_state_steps"}
    assert state_of(entry) == "waiting"


@pytest.mark.parametrize("state", ["accepted", "expired", "withdrawn"])
def test_an_offer_is_settled_by_its_seat_alone(state: str) -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)

    with refused("offers_move_the_entry"):
        sql(ENTRY, state, entry.joined_at, entry.pk)
    assert (state_of(entry), offered(entry).state) == ("offered", "held")


def test_one_entry_has_one_live_offer_and_never_a_second() -> None:
    one, other = a_full_class(), a_full_class()
    entry = waits_for(one, other)
    sql("UPDATE enrollment_classsession SET overbook_allowance = 1 WHERE id = %s", other.pk)
    frees_a_seat(one)
    again = {"state": "held", "hold_expires_at": other.starts_at, "waitlist_entry": entry}

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        seat_of(other, guardian=entry.guardian, child_id=uuid7(), **again)
    assert broken(refusal.value) in {"one_live_offer", "offers_move_the_entry"}

    sql("UPDATE enrollment_trialbooking SET state = 'cancelled', closed_at = now(), hold_expires_at = NULL "
        "WHERE waitlist_entry_id = %s", entry.pk)  # fmt: skip
    with refused("offers_move_the_entry"):
        seat_of(other, guardian=entry.guardian, child_id=uuid7(), **again)


def test_an_offer_is_to_somebody_who_waits() -> None:
    session, entry = free_and_waited_for()

    with refused("offers_are_to_somebody"):
        TrialBooking.objects.create(
            city=session.campus.city,
            session=session,
            state="held",
            channel="web",
            phone_index="x" * 8,
            hold_expires_at=session.starts_at,
            waitlist_entry=entry,
        )


def test_an_offer_that_ran_out_is_confirmed_by_nobody() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    runs_out(offered(entry))

    with refused("expired_holds_stay_expired"):
        sql("UPDATE enrollment_trialbooking SET state = 'booked', hold_expires_at = NULL "
            "WHERE waitlist_entry_id = %s", entry.pk)  # fmt: skip


@pytest.mark.parametrize("state", ["offered", "accepted", "expired", "withdrawn"])
def test_a_choice_goes_where_its_entry_goes(state: str) -> None:
    entry = waits_for(a_full_class())

    with refused("offers_move_the_entry"):
        sql(CHOICE, state, entry.pk)


def test_a_choice_that_ended_does_not_begin_again() -> None:
    entry = waits_for(a_full_class(), session := a_full_class())
    WaitlistChoice.objects.filter(entry=entry, session=session).update(state="lapsed")

    with refused("offers_move_the_entry"):
        sql(CHOICE, "waiting", entry.pk)


def test_a_choice_has_its_entrys_family_and_time_whatever_was_written() -> None:
    entry = waits_for(a_full_class())
    other = a_full_class()

    choice = WaitlistChoice.objects.create(
        entry=entry, session=other, guardian_id=a_guardian().pk, child_id=uuid7(), state="lapsed"
    )

    choice.refresh_from_db()
    assert (choice.guardian_id, choice.child_id, choice.joined_at, choice.state) == (
        entry.guardian_id,
        None,
        WaitlistEntry.objects.get(pk=entry.pk).joined_at,
        "waiting",
    )


def test_one_open_entry_for_a_class_and_a_family_or_a_child() -> None:
    session, guardian, child = a_full_class(), a_guardian(), uuid7()
    waits_for(session, guardian=guardian)

    second = WaitlistEntry.objects.create(guardian=guardian, channel="web")
    with refused("one_open_entry_unnamed"):
        WaitlistChoice.objects.create(entry=second, session=session)
    named = [
        WaitlistEntry.objects.create(guardian=who, child_id=child, channel="web")
        for who in (guardian, a_guardian())
    ]
    WaitlistChoice.objects.create(entry=named[0], session=session)
    with refused("one_open_entry"):
        WaitlistChoice.objects.create(entry=named[1], session=session)


def test_an_entry_is_closed_when_it_is_over_and_never_before() -> None:
    entry = waits_for(a_full_class())

    with refused("waitlist_closed_iff_over"):
        sql(ENTRY, "withdrawn", None, entry.pk)
    with refused("waitlist_closed_iff_over"):
        sql(ENTRY, "waiting", entry.joined_at, entry.pk)


@pytest.mark.parametrize("table", ["enrollment_waitlistentry", "enrollment_waitlistchoice"])
def test_nobody_deletes_a_place_in_line(table: str) -> None:
    waits_for(a_full_class())

    with refused("live_places_stay"):
        sql(f"DELETE FROM {table}")  # noqa: S608


def by_trigger(old: str, new: str) -> bool:
    """Whether the trigger's own table lets an entry go there; other laws stand aside."""
    admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        with admin.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'enrollment_waitlistentry_state_steps'"
            )
            (law,) = cursor.fetchone() or ("",)
    finally:
        admin.close()
    return f"('{old}', '{new}')" in law


def test_the_trigger_knows_the_steps_of_the_enum_and_no_others() -> None:
    states = WaitlistState.values
    allowed = {(old, new) for old in states for new in states if by_trigger(old, new)}

    assert allowed == {(old, new) for old, follow in WAITLIST_TRANSITIONS.items() for new in follow}


@pytest.mark.parametrize("over", ["withdrawn", "lapsed"])
def test_what_is_over_stays_over(over: str) -> None:
    entry = waits_for(a_full_class())
    assert sql(ENTRY, over, entry.joined_at, entry.pk) == 1

    for state in set(WaitlistState.values) - {over}:
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(ENTRY, state, None if state in {"waiting", "offered"} else entry.joined_at, entry.pk)
    assert WaitlistChoice.objects.get(entry=entry).state == over


@contextmanager
def without_the_queue() -> Iterator[None]:
    """The database without its word on who comes first, put back when everything is gone."""
    admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    admin.autocommit = True
    table, law = "enrollment_trialbooking", "enrollment_trialbooking_queue"
    try:
        with admin.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {law}")
            try:
                yield
            finally:
                empty_databases()
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {law}")
    finally:
        admin.close()


def test_without_the_queues_law_the_public_jumps_it() -> None:
    """The control: services look at free seats alone, so it is the law that keeps them in line."""
    with without_the_queue():
        session, entry = free_and_waited_for()

        assert a_seat(session).state == "booked"
        assert state_of(entry) == "waiting"


def test_the_queues_law_is_back() -> None:
    session, entry = free_and_waited_for()

    with pytest.raises(SessionFull):
        a_seat(session)
    assert state_of(entry) == "waiting"
    assert a_seat(a_class()).state == "booked"
