"""Classes changed and called off by staff: kept on record, told once, and answered without penalty."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.utils import timezone

from accounts.models import User
from courses.models import Room, Teacher
from enrollment.calendar import calendar_of
from enrollment.enums import BookingChannel, BookingState, ChangeReason, SessionState
from enrollment.exceptions import ClassFixed, ClassRefused, SessionChanged, SessionClosed
from enrollment.models import ClassChange, ClassSession, ManageLink, TrialBooking, WaitlistEntry
from enrollment.models.names import new_reference
from enrollment.policies import can_cancel
from enrollment.services import seats
from enrollment.services.answers import keep_trial
from enrollment.services.attendance import check_in
from enrollment.services.cancelling import cancel_trial
from enrollment.services.class_changes import call_off, change_class, families_of, set_seats, waiting_in
from enrollment.services.holds import hold_seats
from enrollment.services.waitlist import join
from messaging.models import Message
from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from tests.families import a_guardian, a_seat, acting, written_to
from tests.people import new_phone
from tests.places import a_campus, a_class, a_course, at
from tests.staff import a_member_of_staff, signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

HOUR = timedelta(hours=1)


@pytest.fixture
def desk() -> Actor:
    return Actor("staff", a_member_of_staff().pk)


def siblings(session: ClassSession, guardian: User, count: int = 2) -> list[TrialBooking]:
    """Seats of one family, booked together."""
    party = uuid4()
    rows = [
        TrialBooking(
            guardian=guardian,
            city=session.campus.city,
            session=session,
            child_id=uuid4(),
            party_id=party,
            party_place=place,
            state=BookingState.BOOKED,
            channel=BookingChannel.WEB,
            verified_at=timezone.now(),
            reference=new_reference(),
        )
        for place in range(1, count + 1)
    ]
    for row in rows:
        row.save(force_insert=True)
    return rows


def waits(session: ClassSession, guardian: User | None = None) -> WaitlistEntry:
    guardian = guardian or a_guardian()
    return join(guardian=guardian, sessions=[session], channel=BookingChannel.WEB, by=acting(guardian))


def news(guardian: User) -> list[str]:
    """What a family was told of changes, one of these words being in each."""
    words = ("有变动", "换由", "换到", "取消了")
    return [text for text in written_to(guardian) if any(word in text for word in words)]


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


@pytest.mark.clause("L-SITE-5")
def test_every_family_is_told_once_what_was_what_is_and_why(desk: Actor) -> None:
    session = a_class(starts_at=at(days=3, hour=15))
    families = [a_guardian() for _ in range(3)]
    for guardian in families[:2]:
        a_seat(session, guardian)
    siblings(session, families[2])
    others = a_seat(a_class())

    change_class(session=session, by=desk, reason=ChangeReason.TEACHER, starts_at=at(days=4, hour=10))

    for guardian in families:
        (text,) = news(guardian)
        for word in ("老师临时有事", session.course.name, "15:00", "10:00", "/t/"):
            assert word in text
    assert not news(others.guardian)


def test_the_end_and_the_hours_of_booking_go_along(desk: Actor) -> None:
    session = a_class()
    opened, opens = session.starts_at - timedelta(days=30), timezone.now() + HOUR

    for wanted, expected in ((opened, opened), (opens, opens + HOUR)):
        ClassSession.objects.update(booking_opens_at=wanted)
        before = again(session)
        change_class(
            session=session, by=desk, reason=ChangeReason.TIMETABLE, starts_at=before.starts_at + HOUR
        )
        after = again(session)
        assert after.ends_at == before.ends_at + HOUR
        assert after.booking_closes_at == before.booking_closes_at + HOUR
        assert after.booking_opens_at == expected


def test_old_new_and_reason_are_kept_for_good(desk: Actor) -> None:
    session = a_class()
    room = Room.objects.create(campus=session.campus, name="另一间", seats=9)

    change_class(
        session=session, by=desk, reason=ChangeReason.ROOM, room=room, starts_at=session.starts_at + HOUR
    )

    (kept,) = ClassChange.objects.all()
    assert (kept.by_id, kept.reason) == (desk.id, "room")
    assert kept.old["room"] == str(session.room_id)
    assert kept.new["room"] == str(room.pk)
    assert (
        datetime.fromisoformat(kept.new["starts_at"]) - datetime.fromisoformat(kept.old["starts_at"]) == HOUR
    )
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ClassChange.objects.update(reason="few")
    assert AuditEvent.objects.get(action="class.changed").actor_id == desk.id


def test_a_family_may_keep_or_cancel_a_changed_class_as_late_as_it_likes(desk: Actor) -> None:
    soon = timezone.now() + timedelta(hours=2)
    session = a_class(starts_at=soon)
    stays, goes = a_seat(session), a_seat(session)
    keep_trial(booking=stays, by=acting(stays.guardian))
    assert not can_cancel(again(goes), timezone.now())

    change_class(session=session, by=desk, reason=ChangeReason.TEACHER, starts_at=soon + HOUR)

    assert again(stays).coming_at is None  # they said so of another hour
    cancel_trial(booking=again(goes), by=acting(goes.guardian))
    keep_trial(booking=again(stays), by=acting(stays.guardian))
    assert again(goes).state == "cancelled"
    assert (again(stays).class_changed_at, again(stays).state) == (None, "booked")


def test_the_calendar_hears_of_it_and_older_links_stay_open(desk: Actor) -> None:
    session = a_class()
    booking = a_seat(session)

    change_class(
        session=session, by=desk, reason=ChangeReason.TEACHER, starts_at=session.starts_at + timedelta(days=5)
    )

    after = again(booking)
    file = calendar_of(after).decode()
    assert "SEQUENCE:1" in file
    assert f"{timezone.localtime(again(session).starts_at):%Y%m%dT%H%M%S}" in file
    assert {link.expires_at for link in ManageLink.objects.filter(booking=booking)} == {
        again(session).ends_at + timedelta(days=1)
    }


def test_a_new_room_and_a_new_teacher_are_told_briefly(desk: Actor) -> None:
    session = a_class()
    booking = a_seat(session)
    room = Room.objects.create(campus=session.campus, name="另一间", seats=9)
    teacher = Teacher.objects.create(campus=session.campus, stage_name="竹熊老师")

    change_class(session=session, by=desk, reason=ChangeReason.ROOM, room=room)
    change_class(session=session, by=desk, reason=ChangeReason.TEACHER, teacher=teacher)

    of_the_room, of_the_teacher = news(booking.guardian)
    assert "换到另一间上，时间和校区不变" in of_the_room
    assert "换由竹熊老师来上，时间地点不变" in of_the_teacher
    assert again(booking).class_changed_at
    assert ClassChange.objects.count() == 2


def test_nothing_changed_is_nothing_told(desk: Actor) -> None:
    session = a_class()
    booking = a_seat(session)

    change_class(session=session, by=desk, reason=ChangeReason.TEACHER, starts_at=session.starts_at)

    assert not ClassChange.objects.exists()
    assert not news(booking.guardian)


def test_another_campus_takes_its_bookings_along(desk: Actor) -> None:
    session, there = a_class(), a_campus(2)
    booking, cancelled = a_seat(session), a_seat(session)
    cancel_trial(booking=cancelled, by=desk)
    room = Room.objects.create(campus=there, name="大厅", seats=9)

    change_class(session=session, by=desk, reason=ChangeReason.CAMPUS, room=room)

    assert (again(booking).campus, again(cancelled).campus, again(session).campus) == (there, there, there)
    (text,) = news(booking.guardian)
    assert there.address in text
    assert not news(cancelled.guardian)


def clash(what: str, session: ClassSession) -> dict[str, Any]:
    other = a_class(starts_at=session.starts_at + timedelta(minutes=30))
    teacher = Teacher.objects.create(campus=session.campus, stage_name="竹熊老师")
    ClassSession.objects.filter(pk=other.pk).update(teacher=teacher)
    stranger = Teacher.objects.create(campus=a_campus(2), stage_name="海豚老师")
    return {
        "one_class_a_room": {"room": other.room},
        "one_class_a_teacher": {"teacher": teacher},
        "a_class_in_its_own_rooms": {"teacher": stranger},
        "times_ordered": {"ends_at": session.starts_at - HOUR},
        "booking_closes_in_time": {"booking_closes_at": session.starts_at + HOUR},
        "class_to_come": {"starts_at": timezone.now() - HOUR},
    }[what]


@pytest.mark.parametrize(
    "law",
    [
        *("one_class_a_room", "one_class_a_teacher", "a_class_in_its_own_rooms"),
        *("times_ordered", "booking_closes_in_time", "class_to_come"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nobody_is_told(desk: Actor, law: str) -> None:
    session = a_class()
    booking = a_seat(session)
    before = vars(again(session)) | {"_state": None}

    with pytest.raises(ClassRefused) as refused:
        change_class(session=session, by=desk, reason=ChangeReason.TEACHER, **clash(law, session))

    assert refused.value.law == law
    assert vars(again(session)) | {"_state": None} == before
    assert not ClassChange.objects.exists()
    assert not news(booking.guardian)


@pytest.mark.parametrize("state", [SessionState.STARTED, SessionState.FINISHED, SessionState.CANCELLED])
def test_a_class_no_longer_to_come_stays_as_it_is(desk: Actor, state: SessionState) -> None:
    session = a_class(state=state)

    with pytest.raises(ClassFixed):
        change_class(session=session, by=desk, reason=ChangeReason.ROOM, starts_at=session.starts_at + HOUR)
    if state != SessionState.CANCELLED:
        with pytest.raises(ClassFixed):
            call_off(session=session, by=desk, reason=ChangeReason.ROOM)


def test_at_night_families_sleep_unless_the_morning_would_be_too_late(desk: Actor) -> None:
    tomorrow, early = a_class(starts_at=at(days=2, hour=15)), a_class(starts_at=at(days=2, hour=9))
    with time_machine.travel(at(days=1, hour=23), tick=True):
        sleeps, wakes = a_seat(tomorrow), a_seat(early)
        for session in (tomorrow, early):
            call_off(session=session, by=desk, reason=ChangeReason.WEATHER)

    due = {
        booking.pk: Message.objects.get(recipient_id=booking.owner_id, template="class_called_off").due_at
        for booking in (sleeps, wakes)
    }
    assert due[sleeps.pk] == at(days=2, hour=8)
    assert due[wakes.pk] < at(days=2, hour=0)


def test_calling_off_lets_every_family_go_and_names_two_others(desk: Actor) -> None:
    session = a_class(capacity=8)
    near = a_class(starts_at=session.starts_at + timedelta(days=1))
    next_door = a_class(campus=a_campus(2), starts_at=session.starts_at + HOUR)
    one, two = a_guardian(), a_guardian()
    a_seat(session, one)
    siblings(session, two)
    (hold,) = hold_seats(phone=f"+86{new_phone()}", sessions=[session], channel=BookingChannel.WEB)
    assert families_of(session) == 2

    call_off(session=session, by=desk, reason=ChangeReason.WEATHER)

    assert set(session.bookings.values_list("state", flat=True)) == {"cancelled"}
    after = again(session)
    assert (after.state, after.seats_taken, after.unverified_taken) == ("cancelled", 0, 0)
    for guardian in (one, two):
        (text,) = news(guardian)
        assert "天气原因" in text
        assert f"{timezone.localtime(near.starts_at):%H:%M}" in text
        assert next_door.campus.name in text
    assert again(hold).phone_index is None
    assert not Message.objects.filter(recipient_id=hold.pk).exists()
    (kept,) = ClassChange.objects.all()
    assert (kept.old, kept.new) == ({"state": "open"}, {"state": "cancelled"})
    assert AuditEvent.objects.filter(action="trial.called_off").count() == 4


def test_the_page_of_a_class_called_off_leads_to_others_in_one_tap(desk: Actor) -> None:
    session = a_class()
    near = a_class(starts_at=session.starts_at + timedelta(days=1))
    booking = a_seat(session)
    before = signed_in(booking.guardian).get(booking.get_absolute_url()).content.decode()
    call_off(session=session, by=desk, reason=ChangeReason.WEATHER)

    page = signed_in(booking.guardian).get(booking.get_absolute_url()).content.decode()

    assert f"/trial/?session={near.public_id}" in page
    assert near.public_id not in before


def test_calling_off_twice_tells_nobody_twice(desk: Actor) -> None:
    session = a_class()
    booking = a_seat(session)

    for _ in range(2):
        call_off(session=session, by=desk, reason=ChangeReason.WEATHER)

    assert len(news(booking.guardian)) == 1
    assert ClassChange.objects.count() == 1


def test_a_class_called_off_names_none_where_there_is_none(desk: Actor) -> None:
    session = a_class()
    booking = a_seat(session)

    call_off(session=session, by=desk, reason=ChangeReason.FEW)

    (text,) = news(booking.guardian)
    assert "可以改约" not in text


def test_who_waits_is_told_once_and_who_was_offered_a_seat_too(desk: Actor) -> None:
    session = a_class(capacity=1)
    first = a_seat(session)
    offered, still = waits(session), waits(session)
    cancel_trial(booking=first, by=acting(first.guardian))
    assert again(offered).state == "offered"
    assert waiting_in([session.pk]) == {session.pk: 1}

    call_off(session=session, by=desk, reason=ChangeReason.TEACHER)

    assert (again(offered).state, again(still).state) == ("withdrawn", "lapsed")
    assert [text for text in written_to(offered.guardian) if "取消了" in text]
    assert len([text for text in written_to(still.guardian) if "候补" in text]) == 1
    assert waiting_in([session.pk]) == {}


def test_an_offer_in_a_changed_class_is_told_of_the_change(desk: Actor) -> None:
    session = a_class(capacity=1)
    first, entry = a_seat(session), None
    entry = waits(session)
    cancel_trial(booking=first, by=acting(first.guardian))

    change_class(session=session, by=desk, reason=ChangeReason.TEACHER, starts_at=session.starts_at + HOUR)

    assert len(news(entry.guardian)) == 1
    assert not news(first.guardian)


def test_more_seats_are_offered_to_who_waits_and_fewer_than_taken_are_refused(desk: Actor) -> None:
    session = a_class(capacity=1)
    a_seat(session)
    first, second = waits(session), waits(session)

    set_seats(session=session, by=desk, capacity=1, overbook_allowance=1)
    assert (again(first).state, again(second).state) == ("offered", "waiting")
    set_seats(session=session, by=desk, capacity=2, overbook_allowance=1)
    assert again(second).state == "offered"

    with pytest.raises(ClassRefused) as refused:
        set_seats(session=session, by=desk, capacity=2, overbook_allowance=0)
    assert refused.value.law == "no_overbooking"
    assert again(session).capacity == 2
    assert AuditEvent.objects.filter(action="class.seats_set").count() == 2


def test_the_database_calls_no_class_off_over_a_family() -> None:
    session = a_class()
    a_seat(session)

    with pytest.raises(IntegrityError, match="nobody_left_in_a_called_off_class"):
        ClassSession.objects.update(state=SessionState.CANCELLED)


def at_once(*work: Callable[[], Any]) -> list[Any]:
    outcomes: list[Any] = [None] * len(work)
    ready = threading.Barrier(len(work))

    def run(place: int, job: Callable[[], Any]) -> None:
        try:
            ready.wait(10)
            outcomes[place] = job()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("called_off", [True, False])
def test_who_books_meanwhile_is_told_or_refused(
    desk: Actor, called_off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)
    session = a_class(capacity=8)
    families = [a_guardian() for _ in range(6)]

    def staff() -> ClassSession:
        if called_off:
            return call_off(session=session, by=desk, reason=ChangeReason.WEATHER)
        later = session.starts_at + HOUR
        return change_class(session=session, by=desk, reason=ChangeReason.WEATHER, starts_at=later)

    *booked, done = at_once(*[lambda one=one: a_seat(session, one) for one in families], staff)

    assert not isinstance(done, Exception), done
    for guardian, outcome in zip(families, booked, strict=True):
        if isinstance(outcome, Exception):
            assert isinstance(outcome, SessionClosed if called_off else SessionChanged), outcome
            continue
        confirmed = written_to(guardian)[0]
        if called_off:
            assert again(outcome).state == "cancelled"
            assert len(news(guardian)) == 1
        else:  # either they were told of the change, or booked the hour it was changed to
            assert len(news(guardian)) == ("16:00" not in confirmed)
    if called_off:
        assert again(session).seats_taken == 0


def test_two_who_change_a_class_at_once_both_stand_on_record(
    desk: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)
    session = a_class()
    booking = a_seat(session)
    teacher = Teacher.objects.create(campus=session.campus, stage_name="竹熊老师")
    later = session.starts_at + HOUR

    outcomes = at_once(
        lambda: change_class(session=session, by=desk, reason=ChangeReason.TEACHER, teacher=teacher),
        lambda: change_class(session=session, by=desk, reason=ChangeReason.WEATHER, starts_at=later),
    )

    assert not [one for one in outcomes if isinstance(one, Exception)]
    after = again(session)
    assert (after.teacher, after.starts_at) == (teacher, later)
    assert (ClassChange.objects.count(), again(booking).revision) == (2, 2)
    assert len(news(booking.guardian)) == 2


def test_a_family_there_early_is_let_go_too(desk: Actor) -> None:
    session = a_class(starts_at=timezone.now() + timedelta(minutes=40), course=a_course())
    booking = a_seat(session)

    check_in(booking=booking, by=desk)
    call_off(session=session, by=desk, reason=ChangeReason.TEACHER)

    assert again(booking).state == "cancelled"
    assert len(news(booking.guardian)) == 1
