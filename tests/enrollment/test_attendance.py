"""Who came: checked in on the day, undone while the class runs, attended once it is over."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enrollment.enums import SessionState
from enrollment.exceptions import AlreadyBooked, StateChanged, TooEarly, TooLate
from enrollment.models import BookingEvent, ClassSession, TrialBooking
from enrollment.services.attendance import check_in, mark_came_late, mark_no_show, undo_check_in
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.classes import advance_classes
from enrollment.tasks import advance
from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from tests.families import a_guardian, a_seat, a_wish
from tests.places import a_class, at, put_back

pytestmark = pytest.mark.django_db(databases="__all__")

TEACHER = Actor("staff", UUID(int=7))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def booking() -> TrialBooking:
    return a_seat(a_class(starts_at=at(days=2, hour=15)))


@pytest.fixture
def begun() -> TrialBooking:
    """Booked three days ago for yesterday: what has begun, the database judges by its own clock."""
    with time_machine.travel(at(days=-3, hour=12), tick=True):
        return a_seat(a_class(starts_at=at(days=2, hour=15)))


def during(booking: TrialBooking, after_start: timedelta = MINUTE) -> time_machine.travel:
    return time_machine.travel(booking.session.starts_at + after_start, tick=False)


def steps(booking: TrialBooking) -> list[tuple[str, str]]:
    return list(BookingEvent.objects.filter(booking=booking).values_list("state", "actor_kind"))


def test_a_family_is_checked_in_and_the_step_undone(booking: TrialBooking) -> None:
    with during(booking):
        assert check_in(booking=booking, by=TEACHER).state == "checked_in"
        assert undo_check_in(booking=booking, by=TEACHER).state == "booked"

    assert steps(booking) == [("booked", "guardian"), ("checked_in", "staff"), ("booked", "staff")]
    deeds = AuditEvent.objects.filter(actor_id=TEACHER.id).values_list("action", "subject_id")
    assert set(deeds) == {
        ("trial.checked_in", booking.guardian_id),
        ("trial.check_in_undone", booking.guardian_id),
    }


def test_two_teachers_who_check_in_the_same_family_are_both_right(booking: TrialBooking) -> None:
    with during(booking):
        check_in(booking=booking, by=TEACHER)
        assert check_in(booking=booking, by=Actor("staff", UUID(int=8))).state == "checked_in"

    assert [state for state, _ in steps(booking)] == ["booked", "checked_in"]


def test_a_booking_cancelled_meanwhile_is_not_checked_in(booking: TrialBooking) -> None:
    stale = TrialBooking.objects.get(pk=booking.pk)
    cancel_trial(booking=booking, by=TEACHER)

    for act in (check_in, undo_check_in):
        with during(booking), pytest.raises(StateChanged) as refusal:
            act(booking=stale, by=TEACHER)
        assert refusal.value.booking.state == "cancelled"


def test_a_request_without_a_class_is_not_checked_in() -> None:
    request = request_trial(guardian=a_guardian(), request=a_wish())

    with pytest.raises(StateChanged):
        check_in(booking=request, by=TEACHER)


@pytest.mark.parametrize(
    ("after_start", "refused"),
    [
        (timedelta(minutes=-61), TooEarly),
        (timedelta(hours=-1), None),
        (timedelta(hours=8, minutes=59), None),
        (timedelta(hours=9), TooLate),
    ],
)
def test_check_in_is_open_from_an_hour_before_to_the_end_of_the_day(
    booking: TrialBooking, after_start: timedelta, refused: type[TooLate] | None
) -> None:
    with during(booking, after_start):
        if refused is None:
            assert check_in(booking=booking, by=TEACHER).state == "checked_in"
            return
        with pytest.raises(refused) as refusal:
            check_in(booking=booking, by=TEACHER)
        assert refusal.value.booking == booking


def test_check_in_leaves_the_seats_as_they_are(booking: TrialBooking) -> None:
    with during(booking):
        check_in(booking=booking, by=TEACHER)

    assert ClassSession.objects.get().seats_taken == 1


@pytest.mark.parametrize("begins_as", [SessionState.OPEN, SessionState.CLOSED])
def test_the_clock_begins_and_ends_classes_and_closes_their_attendance(begins_as: SessionState) -> None:
    session = a_class()
    came, stayed_away = a_seat(session), a_seat(session)
    ClassSession.objects.update(state=begins_as)
    tomorrow = a_class(starts_at=session.starts_at + timedelta(days=1))

    with time_machine.travel(session.starts_at - MINUTE, tick=False):
        assert advance_classes() == 0
    with time_machine.travel(session.starts_at, tick=False):
        assert advance_classes() == 1
        check_in(booking=came, by=TEACHER)
        advance()
        assert {one.pk: one.state for one in ClassSession.objects.all()} == {
            session.pk: "started",
            tomorrow.pk: "open",
        }
    with time_machine.travel(session.ends_at, tick=False):
        assert advance_classes() == 1
        assert advance_classes() == 0

    session.refresh_from_db()
    assert (session.state, session.seats_taken) == ("finished", 2)
    came.refresh_from_db()
    stayed_away.refresh_from_db()
    assert (came.state, came.closed_at, stayed_away.state) == ("attended", session.ends_at, "booked")
    assert steps(came)[-1] == ("attended", "system")


def test_who_is_checked_in_after_the_class_has_attended_and_that_stands(booking: TrialBooking) -> None:
    with during(booking, timedelta(hours=3)):
        advance_classes()
        check_in(booking=booking, by=TEACHER)
        advance_classes()
        with pytest.raises(StateChanged) as refusal:
            undo_check_in(booking=booking, by=TEACHER)

    assert refusal.value.booking.state == "attended"


def test_a_worker_that_slept_for_days_catches_up_in_one_round() -> None:
    session = a_class()
    draft, cancelled = a_class(state=SessionState.DRAFT), a_class(state=SessionState.CANCELLED)

    with time_machine.travel(session.ends_at + timedelta(days=3), tick=False):
        assert advance_classes() == 2

    states = [ClassSession.objects.get(pk=one.pk).state for one in (session, draft, cancelled)]
    assert states == ["finished", "draft", "cancelled"]


def _many_past_classes(like: ClassSession) -> None:
    """So many that an index of all classes takes more pages than that of the coming ones."""
    room = a_class(state=SessionState.DRAFT).room
    ClassSession.objects.bulk_create(
        ClassSession(
            campus=like.campus,
            course=like.course,
            room=room,
            starts_at=like.starts_at - timedelta(hours=2 * hours + 200),
            ends_at=like.ends_at - timedelta(hours=2 * hours + 200),
            booking_closes_at=like.booking_closes_at - timedelta(hours=2 * hours + 200),
            capacity=8,
            state=SessionState.FINISHED,
        )
        for hours in range(600)
    )


def test_the_round_of_every_minute_asks_indexes() -> None:
    """A million bookings and all the classes of past years are not read through once a minute."""
    booking = a_seat(a_class())
    _many_past_classes(booking.session)
    with during(booking, timedelta(days=1)), CaptureQueriesContext(connection) as asked:
        advance_classes()
    reads = [
        query["sql"] for query in asked if query["sql"].startswith("SELECT") and "SKIP LOCKED" in query["sql"]
    ]
    assert len(reads) == 5  # the booking lapses, then none is left to
    with connection.cursor() as cursor:
        # Tables are small here, and what is known of them is left from other tests: neither is to decide.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        for read in reads:
            # A key read in order would serve a table of one page as well as the index of what is open.
            found, _, _ = read.partition(" ORDER BY ")
            cursor.execute("EXPLAIN " + found)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert any(f"booking_{rest}" in plan for rest in ("checked_in", "unmarked")) or (
                "session_ahead" in plan
            ), plan


def test_who_stayed_away_is_noted_from_the_beginning_of_the_class(begun: TrialBooking) -> None:
    with during(begun, -MINUTE), pytest.raises(TooEarly) as refusal:
        mark_no_show(booking=begun, by=TEACHER)
    assert refusal.value.opens == begun.session.starts_at
    with during(begun, timedelta()):
        assert mark_no_show(booking=begun, by=TEACHER).state == "no_show"
        assert mark_no_show(booking=begun, by=Actor("staff", UUID(int=8))).state == "no_show"

    assert steps(begun) == [("booked", "guardian"), ("no_show", "staff")]
    assert AuditEvent.objects.get(action="trial.no_show").actor_id == TEACHER.id
    assert ClassSession.objects.get().seats_taken == 1


def test_who_was_taken_for_absent_and_came_late_has_attended(begun: TrialBooking) -> None:
    with during(begun):
        mark_no_show(booking=begun, by=TEACHER)
        assert mark_came_late(booking=begun, by=TEACHER).state == "attended"

    assert steps(begun)[-2:] == [("no_show", "staff"), ("attended", "staff")]
    assert AuditEvent.objects.filter(action="trial.came_late").exists()


def test_who_is_checked_in_is_not_absent_and_who_waits_has_not_come_late(booking: TrialBooking) -> None:
    with during(booking):
        with pytest.raises(StateChanged):
            mark_came_late(booking=booking, by=TEACHER)
        check_in(booking=booking, by=TEACHER)
        with pytest.raises(StateChanged) as refusal:
            mark_no_show(booking=booking, by=TEACHER)
        assert refusal.value.booking.state == "checked_in"


def test_attendance_is_noted_on_the_day_of_the_class_alone(booking: TrialBooking) -> None:
    for act in (check_in, mark_no_show):
        with during(booking, timedelta(hours=9)), pytest.raises(TooLate) as refusal:
            act(booking=booking, by=TEACHER)
        assert not isinstance(refusal.value, TooEarly)


def test_a_class_nobody_took_attendance_of_bars_no_family_from_the_course() -> None:
    guardian, session = a_guardian(), a_class()
    first = a_seat(session, guardian)
    another = a_class(starts_at=at(days=9, hour=15))
    with time_machine.travel(session.ends_at - MINUTE, tick=False):
        advance_classes()
        with pytest.raises(AlreadyBooked):
            a_seat(another, guardian)
    with time_machine.travel(session.ends_at, tick=False):
        advance_classes()
        second = a_seat(another, guardian)
        with pytest.raises(AlreadyBooked) as standing:
            a_seat(a_class(starts_at=at(days=8, hour=15)), guardian)
        mine = TrialBooking.objects.of(guardian.pk)
        assert (list(mine.live()), list(mine.active())) == ([second], [second])

    assert standing.value.booking == second
    first.refresh_from_db()
    assert (first.state, first.lapsed_at, first.closed_at) == ("booked", session.ends_at, None)
    assert list(mine.ahead(session.ends_at)) == [second]
    assert list(mine.behind(session.ends_at)) == [first]
    lapsed = AuditEvent.objects.get(action="trial.lapsed")
    assert (lapsed.actor_kind, lapsed.subject_id) == ("system", guardian.pk)


def test_only_those_nobody_marked_lapse_and_they_do_so_once() -> None:
    session = a_class()
    came, absent, unmarked, cancelled = (a_seat(session) for _ in range(4))
    ahead = a_seat(a_class(starts_at=at(days=9, hour=15)))
    cancel_trial(booking=cancelled, by=TEACHER)
    put_back(session)
    came.refresh_from_db()
    with during(came):
        check_in(booking=came, by=TEACHER)
        mark_no_show(booking=absent, by=TEACHER)
    with time_machine.travel(session.ends_at + timedelta(days=3), tick=False):
        advance_classes()
    with time_machine.travel(session.ends_at + timedelta(days=4), tick=False):
        advance_classes()

    lapsed = dict(TrialBooking.objects.values_list("pk", "lapsed_at"))
    assert lapsed.pop(unmarked.pk) == session.ends_at + timedelta(days=3)
    assert lapsed == dict.fromkeys([came.pk, absent.pk, cancelled.pk, ahead.pk])


@pytest.mark.parametrize(("act", "state"), [(check_in, "attended"), (mark_no_show, "no_show")])
def test_attendance_may_be_taken_after_the_class_though_the_course_is_booked_again(
    act: Callable[..., TrialBooking], state: str
) -> None:
    guardian, session = a_guardian(), a_class()
    first = a_seat(session, guardian)
    put_back(session)
    another = a_class(starts_at=at(days=9, hour=15))
    with time_machine.travel(session.ends_at + MINUTE, tick=False):
        advance_classes()
        a_seat(another, guardian)
        act(booking=first, by=TEACHER)
        advance_classes()

    first.refresh_from_db()
    assert first.state == state
