"""A seat in a class: had once, with all it causes; refused with something else; given back in time."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from courses.models import Campus, City, Course
from enrollment.enums import BookingState, SessionState
from enrollment.exceptions import (
    AlreadyBooked,
    IdempotencyConflict,
    SessionClosed,
    SessionElsewhere,
    SessionFull,
    TooLate,
    TooManyLive,
)
from enrollment.models import BookingEvent, ClassSession, ManageLink, TrialBooking
from enrollment.policies import MOST_SEATS, can_cancel_until
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.wishes import ChildWish
from kit.limiter import LimitReached
from messaging.models import Message
from messaging.services import text_of
from messaging.texts import SIGNATURE
from privacy.actors import ANONYMOUS, Actor
from privacy.audit.models import AuditEvent
from privacy.consent.exceptions import AgreementsRequired
from privacy.consent.models import ConsentRecord
from tests.cleaning import empty_redis
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_campus, a_class, a_course, at

pytestmark = pytest.mark.django_db(databases="__all__")

STAFF = Actor("staff", UUID(int=7))
THREE_PARTS = 3 * 67  # characters: a long message is sent, and paid for, in parts of 67


def left(session: ClassSession) -> int:
    return ClassSession.objects.get(pk=session.pk).seats_left


def deeds() -> list[str]:
    return list(AuditEvent.objects.filter(action__startswith="trial.").values_list("action", flat=True))


def test_a_seat_is_taken_with_all_it_causes() -> None:
    session, guardian = a_class(capacity=3), a_guardian()

    booking = a_seat(session, guardian, source="poster-bj-01")

    assert (booking.state, booking.session, booking.source) == ("booked", session, "poster-bj-01")
    assert booking.verified_at is not None
    row = TrialBooking.objects.get()
    assert (row.campus, row.course, row.city) == (session.campus, session.course, session.campus.city)
    assert left(session) == booking.session.seats_left == 2
    assert [(event.state, event.actor_kind) for event in BookingEvent.objects.all()] == [
        ("booked", "guardian")
    ]
    deed = AuditEvent.objects.get(action="trial.booked")
    assert (deed.subject_id, deed.actor_id) == (guardian.pk, guardian.pk)
    assert deed.detail == {"city": "beijing", "channel": "api", "session": str(session.pk)}
    assert ConsentRecord.objects.filter(subject_id=guardian.pk).count() == 2


def test_the_message_says_what_when_and_where_and_nothing_of_anybody() -> None:
    session = a_class(starts_at=at(days=2, hour=15))
    booking = a_seat(session)

    message = Message.objects.get()
    text, code = text_of(message)

    local = timezone.localtime(session.starts_at)
    weekday = "一二三四五六日"[local.weekday()]
    assert (message.template, message.recipient_id, code) == ("trial_booked", booking.guardian_id, None)
    assert f"{local.month}月{local.day}日星期{weekday}15:00" in text
    for said in (session.course.name, session.campus.name, session.campus.address, booking.reference, "/t/"):
        assert said in text


def test_the_longest_message_of_the_catalogue_goes_out_in_three_parts() -> None:
    campus = max(Campus.objects.all(), key=lambda campus: len(campus.name) + len(campus.address))
    course = max(Course.objects.all(), key=lambda course: len(course.name))
    a_seat(a_class(campus=campus, course=course))

    with override_settings(PUBLIC_URL="https://www.example.com"):
        text, _ = text_of(Message.objects.get())

    assert len(text) <= THREE_PARTS
    assert text.startswith(SIGNATURE)


def test_the_link_ends_a_day_after_the_class() -> None:
    session = a_class()
    a_seat(session)

    assert ManageLink.objects.get().expires_at == session.ends_at + timedelta(days=1)


def test_a_full_class_is_refused_with_others_and_nothing_is_kept() -> None:
    session, other = a_class(capacity=1), a_class(starts_at=at(days=3, hour=10))
    a_seat(session)
    before = [
        model.objects.count() for model in (TrialBooking, BookingEvent, AuditEvent, Message, ManageLink)
    ]

    with pytest.raises(SessionFull) as refusal:
        a_seat(session, a_guardian())

    assert (refusal.value.session, refusal.value.alternatives) == (session, [other])
    after = [model.objects.count() for model in (TrialBooking, BookingEvent, AuditEvent, Message, ManageLink)]
    assert after == before


def test_a_full_class_is_refused_before_anybody_waits_for_it() -> None:
    session = a_class(capacity=1)
    a_seat(session)

    with pytest.raises(SessionFull), CaptureQueries() as asked:
        a_seat(session, a_guardian())

    assert not [query for query in asked if "enrollment_classsession" in query and "FOR NO KEY" in query]
    assert not [query for query in asked if query.startswith('INSERT INTO "enrollment_')]


class CaptureQueries:
    """The statements sent to the app database inside."""

    def __enter__(self) -> list[str]:
        self.said: list[str] = []
        self.wrapper = connection.execute_wrapper(self._note)
        self.wrapper.__enter__()
        return self.said

    def _note(self, execute, sql, params, many, context):
        self.said.append(sql)
        return execute(sql, params, many, context)

    def __exit__(self, *trouble: object) -> None:
        self.wrapper.__exit__(*trouble)


def test_the_class_is_locked_before_the_one_insert_that_needs_it() -> None:
    with CaptureQueries() as asked:
        a_seat(a_class())

    steps = [
        "lock" if "enrollment_classsession" in query and "FOR NO KEY UPDATE OF" in query else "booking"
        for query in asked
        if "FOR NO KEY UPDATE OF" in query or query.startswith('INSERT INTO "enrollment_trialbooking"')
    ]
    assert steps == ["lock", "booking"]
    after = asked[next(i for i, query in enumerate(asked) if "FOR NO KEY UPDATE OF" in query) + 1 :]
    assert [query for query in after if query.startswith("INSERT")] == [
        query for query in after if query.startswith('INSERT INTO "enrollment_trialbooking"')
    ]


@pytest.mark.parametrize("state", [SessionState.CLOSED, SessionState.CANCELLED, SessionState.DRAFT])
def test_a_class_that_is_not_open_is_refused_with_others(state: SessionState) -> None:
    other = a_class(starts_at=at(days=3, hour=10))

    with pytest.raises(SessionClosed) as refusal:
        a_seat(a_class(state=state))

    assert refusal.value.alternatives == [other]
    assert not TrialBooking.objects.exists()


def test_a_class_is_refused_after_its_cut_off_and_before_it_opens() -> None:
    session = a_class(closes_before=timedelta(hours=1))
    with time_machine.travel(session.booking_closes_at, tick=False), pytest.raises(SessionClosed):
        a_seat(session)
    ClassSession.objects.update(booking_opens_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(SessionClosed):
        a_seat(session)
    ClassSession.objects.update(booking_opens_at=None)
    Campus.objects.filter(pk=session.campus_id).update(active=False)
    with pytest.raises(SessionClosed):
        a_seat(session)


def test_no_class_of_a_closed_campus_or_city_is_booked_whenever_it_closes() -> None:
    session = a_class()
    for closed, again in ((Campus, session.campus_id), (City, session.campus.city_id)):
        closed.objects.filter(pk=again).update(active=False)
        with pytest.raises(SessionClosed):
            a_seat(session)
        assert not ClassSession.objects.in_order().get().is_bookable(timezone.now())
        closed.objects.filter(pk=again).update(active=True)

    def close(execute, sql, params, many, context):
        if "FOR NO KEY UPDATE OF" in sql and "enrollment_classsession" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute("UPDATE courses_city SET active = false")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(close), pytest.raises(SessionClosed):
        a_seat(session)
    assert not TrialBooking.objects.exists()


def test_a_class_closed_while_somebody_books_is_refused_under_the_lock() -> None:
    """What the look before saw may have changed by the time the class is held."""
    session = a_class()
    guardian = a_guardian()

    def close(execute, sql, params, many, context):
        if "FOR NO KEY UPDATE OF" in sql and "enrollment_classsession" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute("UPDATE enrollment_classsession SET state = 'closed'")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(close), pytest.raises(SessionClosed):
        a_seat(session, guardian)

    assert not TrialBooking.objects.exists()


def test_class_campus_and_city_have_to_lie_in_each_other() -> None:
    session, guardian = a_class(), a_guardian()
    shanghai = a_campus(1, "shanghai")

    for wrong in (
        a_wish(session, city=shanghai.city),
        a_wish(session, campus=a_campus(2)),
        a_wish(campus=shanghai),
    ):
        with pytest.raises(SessionElsewhere):
            request_trial(guardian=guardian, request=wrong)
    assert not TrialBooking.objects.exists()


def test_a_request_may_name_a_campus() -> None:
    booking = request_trial(guardian=a_guardian(), request=a_wish(campus=a_campus(2)))

    assert (booking.state, booking.campus, booking.session) == ("requested", a_campus(2), None)


def test_a_second_trial_of_a_course_names_the_first() -> None:
    session, guardian = a_class(), a_guardian()
    first = a_seat(session, guardian)

    with pytest.raises(AlreadyBooked) as refusal:
        a_seat(a_class(starts_at=at(days=4, hour=10)), guardian)

    assert refusal.value.booking == first
    assert a_seat(a_class(course=a_course("another")), guardian).state == "booked"


def test_who_sits_in_a_full_class_is_told_so() -> None:
    session, guardian = a_class(capacity=1), a_guardian()
    mine = a_seat(session, guardian)

    with pytest.raises(AlreadyBooked) as refusal:
        a_seat(session, guardian)

    assert refusal.value.booking == mine


def test_the_same_key_with_the_same_request_is_the_same_booking_though_the_class_is_full_by_now() -> None:
    session, guardian = a_class(capacity=1), a_guardian()
    first = a_seat(session, guardian, key="order-1")

    assert a_seat(session, guardian, key="order-1") == first
    other = a_class(course=a_course("another"))
    with pytest.raises(IdempotencyConflict):
        a_seat(other, guardian, key="order-1")
    assert TrialBooking.objects.count() == 1


def test_a_request_is_told_from_others_by_all_it_asks_for() -> None:
    session = a_class()
    one = a_wish(session)
    others = [
        a_wish(),
        a_wish(a_class()),
        a_wish(campus=a_campus()),
        replace(one, child=ChildWish(id=UUID(int=1))),
        replace(one, child=ChildWish(id=UUID(int=2))),
        replace(one, child=ChildWish(nickname="豆豆", birth_month=date(2021, 5, 1))),
        replace(one, refuses_children=True),
        replace(one, agreements={}),
    ]

    assert one.digest == a_wish(session).digest
    assert len({one.digest, *(other.digest for other in others)}) == 1 + len(others)


def test_what_was_typed_about_a_child_is_in_no_digest() -> None:
    """A digest of a nickname and a month can be tried out until it fits."""
    one, other = (
        a_wish(key="a", child=ChildWish(nickname=name, birth_month=date(year, 5, 1)))
        for name, year in (("豆豆", 2021), ("果果", 2020))
    )

    assert one.digest == other.digest


def test_nobody_hoards_seats() -> None:
    guardian = a_guardian()
    for number in range(MOST_SEATS):
        a_seat(a_class(course=a_course(f"course-{number}")), guardian)
    empty_redis()

    with pytest.raises(TooManyLive) as refusal:
        a_seat(a_class(course=a_course("one-more")), guardian)
    assert (refusal.value.most, refusal.value.booking.course.slug) == (MOST_SEATS, f"course-{MOST_SEATS - 1}")
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        later = a_class(course=a_course("one-more"))
        assert a_seat(later, guardian).state == "booked"


def test_booking_and_cancelling_over_and_over_ends() -> None:
    session, guardian = a_class(), a_guardian()
    with pytest.raises(LimitReached):
        for _ in range(11):
            cancel_trial(booking=a_seat(session, guardian), by=acting(guardian))

    assert TrialBooking.objects.count() == 10


def test_agreements_that_stand_need_not_be_given_again() -> None:
    guardian = a_guardian()
    with pytest.raises(AgreementsRequired):
        a_seat(a_class(), guardian, agreements={})
    a_seat(a_class(), guardian)

    a_seat(a_class(course=a_course("another")), guardian, agreements={})

    assert ConsentRecord.objects.filter(subject_id=guardian.pk).count() == 2


def test_cancelling_frees_the_seat_and_tells_the_calendar() -> None:
    session, guardian = a_class(capacity=1), a_guardian()
    booking = a_seat(session, guardian)

    cancelled = cancel_trial(booking=booking, by=acting(guardian))

    assert (cancelled.state, cancelled.revision) == ("cancelled", 1)
    assert cancelled.closed_at is not None
    assert left(session) == cancelled.session.seats_left == 1
    assert a_seat(session).state == "booked"
    assert cancel_trial(booking=booking, by=acting(guardian)).revision == 1
    assert deeds().count("trial.cancelled") == 1
    assert a_seat(a_class(), guardian).state == "booked"  # the course may be tried again


def test_cancelling_holds_the_class_first_and_then_the_booking() -> None:
    """Every writer of seats takes them in this order, so that no two wait for each other."""
    booking = a_seat(a_class())

    with CaptureQueries() as asked:
        cancel_trial(booking=booking, by=acting(booking.guardian))

    held = [query.split(' FROM "')[1].split('"')[0] for query in asked if "FOR NO KEY UPDATE OF" in query]
    assert held[:2] == ["enrollment_classsession", "enrollment_trialbooking"]
    assert set(held[2:]) <= {"enrollment_trialbooking"}


@pytest.mark.parametrize(
    ("hours", "seconds", "in_time"), [(2, -1, True), (2, 0, False), (24, -1, True), (0, -1, True)]
)
def test_families_cancel_until_the_cut_off_and_staff_after_it(
    hours: int, seconds: int, in_time: bool
) -> None:
    session, guardian = a_class(), a_guardian()
    booking = a_seat(session, guardian)

    with override_settings(CANCEL_HOURS=hours):
        until = can_cancel_until(booking)
        assert until == session.starts_at - timedelta(hours=hours)
        with time_machine.travel(until + timedelta(seconds=seconds), tick=False):
            if in_time:
                assert cancel_trial(booking=booking, by=acting(guardian)).state == "cancelled"
                return
            for by in (acting(guardian), ANONYMOUS):
                with pytest.raises(TooLate) as refusal:
                    cancel_trial(booking=booking, by=by)
                assert refusal.value.booking == booking
            assert left(session) == 7
            assert cancel_trial(booking=booking, by=STAFF).state == "cancelled"


def test_a_request_without_a_class_has_no_cut_off() -> None:
    guardian = a_guardian()
    booking = request_trial(guardian=guardian, request=a_wish())

    assert can_cancel_until(booking) is None
    assert cancel_trial(booking=booking, by=acting(guardian)).state == BookingState.CANCELLED


def test_a_class_read_in_part_asks_for_no_more() -> None:
    session = a_class(capacity=5)

    with CaptureQueries() as asked:
        ClassSession.objects.only("capacity").get(pk=session.pk)

    assert len(asked) == 1
    assert session.unverified_cap == 3


def test_a_reference_that_is_taken_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = a_seat(a_class()).reference
    drawn = iter([taken, taken, "K7-305214"])
    monkeypatch.setattr("enrollment.services.seats.new_reference", lambda: next(drawn))

    assert a_seat(a_class()).reference == "K7-305214"
