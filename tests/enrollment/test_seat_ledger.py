"""What SQL typed by hand, an import or the back office can do to seats: nothing that oversells or tears apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import User
from courses.models import Teacher
from enrollment.enums import OVER
from enrollment.models import ClassSession, TrialBooking
from kit.constraints import broken
from kit.uuid7 import uuid7
from tests.families import a_guardian, a_seat
from tests.places import a_campus, a_class, a_course, at, put_back

pytestmark = pytest.mark.django_db(databases="__all__")

INSERT = """
    INSERT INTO enrollment_trialbooking (id, public_id, reference, guardian_id, phone_index, city_id, session_id, child_id, state,
        channel, source, verified_at, hold_expires_at, revision, request_hash, created_at, closed_at)
    SELECT gen_random_uuid(), left(md5(random()::text), 22), left(md5(random()::text), 9),
        CASE WHEN %(verified)s THEN %(guardian)s::uuid END, CASE WHEN NOT %(verified)s THEN md5(random()::text) END, 1,
        %(session)s, CASE WHEN %(named)s THEN coalesce(%(child)s, gen_random_uuid()) END, %(state)s, 'web', '',
        CASE WHEN %(verified)s THEN now() END, CASE WHEN %(state)s = 'held' THEN now() END, 0, '', now(),
        CASE WHEN %(state)s = ANY (%(over)s) THEN now() END
    FROM generate_series(1, %(count)s)
"""


def sql(statement: str, values: object = None) -> int:
    """Run a statement as the app role, past every service; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def insert(
    session: ClassSession,
    count: int = 1,
    *,
    guardian: User | None = None,
    child: UUID | None = None,
    named: bool = True,
    state: str = "booked",
    verified: bool = True,
) -> int:
    """Bookings by one statement: for ``child``, for a child each, or with ``named=False`` for none."""
    values = {
        "guardian": (guardian or a_guardian()).pk,
        "session": session.pk,
        "child": child,
        "named": named,
        "state": state,
        "verified": verified,
        "over": sorted(OVER),
        "count": count,
    }
    return sql(INSERT, values)


@contextmanager
def refused(law: str) -> Iterator[None]:
    """The database refuses what is done inside, by the law of that name."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert broken(refusal.value) == law


def taken(session: ClassSession) -> int:
    session.refresh_from_db()
    return session.seats_taken


def counted(session: ClassSession) -> int:
    return TrialBooking.objects.of_session(session).count()


def test_a_booking_more_than_there_are_seats_is_refused() -> None:
    session = a_class(capacity=2)
    assert insert(session, 2) == 2

    with refused("no_overbooking"):
        insert(session)

    assert taken(session) == counted(session) == 2


def test_a_bulk_insert_is_refused_whole() -> None:
    session = a_class(capacity=4)

    with refused("no_overbooking"):
        insert(session, 10)

    assert taken(session) == counted(session) == 0


def test_an_allowance_set_by_somebody_lets_so_many_more_in() -> None:
    session = a_class(capacity=1)
    insert(session)
    sql("UPDATE enrollment_classsession SET overbook_allowance = 1 WHERE id = %s", [session.pk])

    assert insert(session) == 1
    with refused("no_overbooking"):
        insert(session)


def test_capacity_does_not_go_below_the_seats_taken() -> None:
    session = a_class(capacity=3)
    insert(session, 3)

    with refused("no_overbooking"):
        sql("UPDATE enrollment_classsession SET capacity = 2 WHERE id = %s", [session.pk])


@pytest.mark.parametrize("column", ["seats_taken", "unverified_taken"])
def test_nobody_writes_the_counters_by_hand(column: str) -> None:
    session = a_class()
    insert(session)

    for value in (0, 2):
        wrong = f"UPDATE enrollment_classsession SET {column} = {value + (column == 'unverified_taken')}"  # noqa: S608
        with refused("only_bookings_count_seats"):
            sql(wrong)
    sql("UPDATE enrollment_trialbooking SET state = 'cancelled', closed_at = now()")
    sql("UPDATE enrollment_classsession SET state = 'cancelled'")
    with refused("only_bookings_count_seats"):
        a_class_with(session, **{column: 1})


def a_class_with(like: ClassSession, **changed: object) -> None:
    ClassSession.objects.create(
        campus=like.campus,
        course=like.course,
        room=like.room,
        starts_at=like.starts_at,
        ends_at=like.ends_at,
        booking_closes_at=like.starts_at,
        capacity=8,
        **changed,
    )


def test_nobody_deletes_a_booking_to_come_or_a_class() -> None:
    a_seat(a_class())

    with refused("live_bookings_stay"):
        sql("DELETE FROM enrollment_trialbooking")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql("DELETE FROM enrollment_classsession")


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_deleting_bookings_gives_their_seats_back() -> None:
    session = a_class(capacity=3)
    insert(session, 3)
    put_back(session)

    assert sql("DELETE FROM enrollment_trialbooking") == 3

    assert taken(session) == 0
    assert insert(session, 3) == 3


@pytest.mark.parametrize(
    "state", ["checked_in", "attended", "no_show", "cancelled", "rescheduled", "expired"]
)
def test_a_booking_begins_at_its_beginning(state: str) -> None:
    with refused("bookings_begin"):
        insert(a_class(), state=state)


def test_an_illegal_step_by_sql_is_refused() -> None:
    session = a_class()
    insert(session)
    skip = "UPDATE enrollment_trialbooking SET state = %s, closed_at = now() WHERE session_id = %s"

    with refused("enrollment_trialbooking_state_steps"):
        sql(skip, ["attended", session.pk])
    sql(skip, ["cancelled", session.pk])
    back = "UPDATE enrollment_trialbooking SET state = 'booked', closed_at = NULL WHERE session_id = %s"
    with refused("enrollment_trialbooking_state_steps"):
        sql(back, [session.pk])
    assert taken(session) == 0


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_booking_does_not_move_to_another_class_and_does_not_leave_its_own(elsewhere: bool) -> None:
    session, other = a_class(), a_class()
    insert(session)

    move = "UPDATE enrollment_trialbooking SET session_id = %s WHERE session_id = %s"
    with refused("booking_keeps_its_class"):
        sql(move, [other.pk if elsewhere else None, session.pk])
    assert (taken(session), taken(other)) == (1, 0)


@pytest.mark.parametrize(
    ("law", "unsaid"),
    [("booked_is_verified", "verified_at"), ("a_booking_keeps_its_guardian", "guardian_id")],
)
def test_a_seat_needs_a_proved_number(law: str, unsaid: str) -> None:
    session = a_class()
    insert(session)

    with refused(law):
        sql(f"UPDATE enrollment_trialbooking SET {unsaid} = NULL WHERE session_id = %s", [session.pk])  # noqa: S608


def test_a_seat_that_nobody_has_proved_is_not_booked() -> None:
    with refused("booked_by_somebody"):
        insert(a_class(), verified=False)


def test_a_hold_is_for_a_number_or_a_person_never_both() -> None:
    session = a_class()
    insert(session, state="held", verified=False)

    with refused("held_for_a_number_or_a_person"):
        sql("UPDATE enrollment_trialbooking SET guardian_id = %s", [a_guardian().pk])
    with refused("held_for_a_number_or_a_person"):
        sql("UPDATE enrollment_trialbooking SET verified_at = now()")
    with refused("held_for_a_number_or_a_person"):
        sql("UPDATE enrollment_trialbooking SET phone_index = NULL WHERE session_id = %s", [session.pk])


def test_a_number_has_one_hold_a_place() -> None:
    session = a_class()
    insert(session, 2, state="held", verified=False)

    with refused("one_hold_a_phone"):
        sql("UPDATE enrollment_trialbooking SET phone_index = 'the same'")


def test_a_hold_that_has_run_out_is_not_confirmed_by_sql() -> None:
    session = a_class()
    insert(session, state="held", verified=False)

    with refused("expired_holds_stay_expired"):
        sql(
            "UPDATE enrollment_trialbooking SET state = 'booked', guardian_id = %s, verified_at = now(), "
            "hold_expires_at = NULL, phone_index = NULL WHERE session_id = %s",
            [a_guardian().pk, session.pk],
        )


def test_a_hold_has_an_end_and_nothing_else_has() -> None:
    session = a_class()
    insert(session, state="held", verified=False)

    endless = "UPDATE enrollment_trialbooking SET hold_expires_at = NULL WHERE session_id = %s"
    with refused("held_iff_expiry"):
        sql(endless, [session.pk])


def test_numbers_not_proved_hold_half_of_the_seats_and_no_more() -> None:
    session = a_class(capacity=3)
    for _ in range(2):
        insert(session, state="held", verified=False)

    with refused("holds_cannot_starve"):
        insert(session, state="held", verified=False)
    assert insert(session) == 1


def test_a_seat_is_in_a_class() -> None:
    with refused("seats_are_in_a_class"):
        TrialBooking.objects.create(
            guardian=a_guardian(),
            city=a_campus().city,
            channel="web",
            state="booked",
            verified_at=at(days=0, hour=9),
        )


def test_a_booking_stands_where_its_class_does_whatever_was_written() -> None:
    session = a_class(campus=a_campus(2, "shanghai"))
    booking = a_seat(session)

    sql("UPDATE enrollment_trialbooking SET campus_id = %s, city_id = 1, course_id = NULL", [a_campus().pk])

    booking.refresh_from_db()
    assert (booking.campus, booking.city, booking.course) == (
        session.campus,
        session.campus.city,
        session.course,
    )


def test_a_family_has_one_active_trial_of_a_course() -> None:
    first, second = a_class(), a_class(starts_at=at(days=5, hour=10))
    guardian, child = a_guardian(), uuid7()
    insert(first, guardian=guardian, named=False)
    insert(first, guardian=guardian, child=child)

    with refused("one_active_trial_unnamed"):
        insert(second, guardian=guardian, named=False)
    with refused("one_active_trial"):
        insert(second, child=child)
    assert insert(a_class(course=a_course("another")), guardian=guardian, named=False) == 1


@pytest.mark.parametrize(("minutes", "clashes"), [(0, True), (59, True), (60, False), (-60, False)])
def test_a_room_and_a_teacher_are_in_one_class_at_a_time(minutes: int, clashes: bool) -> None:
    teacher = Teacher.objects.filter(campus=a_campus()).earliest("pk")
    session = a_class(teacher=teacher, course=a_course("test-sixty", minutes=60))
    later = session.starts_at + timedelta(minutes=minutes)
    with_teacher = lambda: a_class(teacher=teacher, course=session.course, starts_at=later)  # noqa: E731
    in_room = lambda: ClassSession.objects.create(  # noqa: E731
        campus=session.campus,
        course=session.course,
        room=session.room,
        starts_at=later,
        ends_at=later + timedelta(minutes=60),
        booking_closes_at=later,
        capacity=4,
    )

    for law, make in (("one_class_a_teacher", with_teacher), ("one_class_a_room", in_room)):
        if clashes:
            with refused(law):
                make()
        else:
            make()


def test_a_cancelled_class_leaves_its_room_free() -> None:
    session = a_class()
    sql("UPDATE enrollment_classsession SET state = 'cancelled'")

    a_class_with(session)


def test_room_and_teacher_are_the_campus_own() -> None:
    session, other = a_class(), a_class(campus=a_campus(2))

    for column, value in (
        ("room_id", other.room_id),
        ("teacher_id", Teacher.objects.filter(campus=other.campus)[0].pk),
    ):
        wrong = f"UPDATE enrollment_classsession SET {column} = %s WHERE id = %s"  # noqa: S608
        with refused("a_class_in_its_own_rooms"):
            sql(wrong, [value, session.pk])


@pytest.mark.parametrize(
    ("law", "wrong"),
    [
        ("times_ordered", "ends_at = starts_at"),
        ("booking_closes_in_time", "booking_closes_at = starts_at + interval '1 second'"),
        ("enrollment_classsession_state_steps", "state = 'lost'"),
    ],
)
def test_a_class_that_cannot_be_is_refused(law: str, wrong: str) -> None:
    session = a_class()

    with refused(law):
        sql(f"UPDATE enrollment_classsession SET {wrong} WHERE id = %s", [session.pk])  # noqa: S608
