"""The last seats of a class, wanted by many at the same moment: connections and threads are real."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg2
import pytest
from django.db import connections

from accounts.models import User
from enrollment.exceptions import AlreadyBooked, SessionFull
from enrollment.models import BookingEvent, ClassSession, TrialBooking
from enrollment.services import seats
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from messaging.models import Message
from tests.cleaning import empty_databases
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_class, at
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FAMILIES, SEATS = 12, 3
CHECK = "no_overbooking"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)


def at_once(work: list[Callable[[], Any]]) -> list[Any]:
    """Each in a thread with connections of its own; what they returned or raised."""
    outcomes: list[Any] = []

    def run(job: Callable[[], Any]) -> None:
        try:
            outcomes.append(job())
        except Exception as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def queued_for(
    session: ClassSession | list[ClassSession],
    work: list[Callable[[], Any]],
    also: Callable[[], bool] = lambda: True,
) -> list[Any]:
    """Run ``work`` so that all of it has looked at the class, and waits for it, before anything goes on.

    With ``also`` it has to hold too before they go on. Of several classes each waits for its own.
    """
    wanted = session if isinstance(session, list) else [session]
    gate, watch = (psycopg2.connect(os.environ["DATABASE_URL"]) for _ in range(2))
    watch.autocommit = True  # a transaction would see one moment of who waits

    def all_wait() -> bool:
        with watch.cursor() as cursor:
            cursor.execute(WAITING)
            return cursor.fetchone() == (len(work),) and also()

    def open_when_all_wait() -> None:
        try:
            until(all_wait, seconds=60, what="a queue")
        finally:
            gate.rollback()

    try:
        with gate.cursor() as cursor:
            keys = [str(each.pk) for each in wanted]
            held = "SELECT 1 FROM enrollment_classsession WHERE id = ANY (%s::uuid[]) FOR NO KEY UPDATE"
            cursor.execute(held, [keys])
        opener = threading.Thread(target=open_when_all_wait)
        opener.start()
        outcomes = at_once(work)
        opener.join()
    finally:
        gate.close()
        watch.close()
    return outcomes


def asks(session: ClassSession) -> Callable[[], TrialBooking]:
    guardian = a_guardian()
    return lambda: request_trial(guardian=guardian, request=a_wish(session))


def race() -> tuple[ClassSession, list[Any]]:
    """All families saw free seats; nobody has booked yet."""
    session, _ = a_class(capacity=SEATS), a_class(starts_at=at(days=3, hour=9))
    outcomes = queued_for(session, [asks(session) for _ in range(FAMILIES)])
    session.refresh_from_db()
    return session, outcomes


def sold(outcomes: list[Any]) -> int:
    return sum(isinstance(outcome, TrialBooking) for outcome in outcomes)


def test_the_last_seats_are_sold_once_each() -> None:
    session, outcomes = race()

    assert Counter(type(outcome) for outcome in outcomes) == {
        TrialBooking: SEATS,
        SessionFull: FAMILIES - SEATS,
    }
    assert all(len(refusal.alternatives) == 1 for refusal in outcomes if isinstance(refusal, SessionFull))
    assert session.seats_taken == SEATS == TrialBooking.objects.count() == BookingEvent.objects.count()
    assert Message.objects.filter(template="trial_booked").count() == SEATS


@contextmanager
def without_the_check() -> Iterator[None]:
    """The database without its word on overselling, put back as it was when everything is gone."""
    admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    admin.autocommit = True
    table = "ALTER TABLE enrollment_classsession"
    try:
        with admin.cursor() as cursor:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [CHECK])
            (law,) = cursor.fetchone() or ("",)
            cursor.execute(f"{table} DROP CONSTRAINT {CHECK}")
            try:
                yield
            finally:
                empty_databases()
                cursor.execute(f"{table} ADD CONSTRAINT {CHECK} {law}")
    finally:
        admin.close()


def test_the_same_race_without_the_check_oversells() -> None:
    """Removes the CHECK alone: the look before, the lock and the counting trigger stand. None of them refuses."""
    with without_the_check():
        session, outcomes = race()

        assert sold(outcomes) == FAMILIES
        assert session.seats_taken == FAMILIES > session.capacity


def test_the_check_is_back() -> None:
    """Runs after the test above, in this file's order, and fails if that one left the database open."""
    _, outcomes = race()

    assert sold(outcomes) == SEATS


def test_seats_given_back_are_sold_again_and_the_count_is_true_at_the_end() -> None:
    session = a_class(capacity=SEATS)
    leaving = [a_seat(session) for _ in range(SEATS)]

    def leaves(booking: TrialBooking) -> Callable[[], Any]:
        return lambda: cancel_trial(booking=booking, by=acting(booking.guardian))

    outcomes = at_once([asks(session) for _ in range(FAMILIES)] + [leaves(booking) for booking in leaving])

    session.refresh_from_db()
    booked = TrialBooking.objects.filter(state="booked").count()
    assert {type(outcome) for outcome in outcomes} <= {TrialBooking, SessionFull}
    assert session.seats_taken == booked == sold(outcomes) - SEATS <= SEATS


def test_one_family_on_two_phones_gets_one_trial_of_a_course() -> None:
    guardian: User = a_guardian()
    wanted = [a_class(starts_at=at(days=2 + number, hour=9)) for number in range(4)]

    outcomes = at_once([partial(request_trial, guardian=guardian, request=a_wish(one)) for one in wanted])

    assert Counter(type(outcome) for outcome in outcomes) == {TrialBooking: 1, AlreadyBooked: 3}
    assert sum(ClassSession.objects.values_list("seats_taken", flat=True)) == 1
