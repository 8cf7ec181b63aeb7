"""A booking is moved: the new seat first, the old one let go with it, and nothing at all when refused."""

from collections import Counter
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from enrollment.enums import BookingChannel, BookingState, SessionState, WaitlistState
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    SessionClosed,
    SessionFull,
    StateChanged,
    TooLate,
)
from enrollment.models import BookingEvent, ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.policies import MOST_MOVES
from enrollment.services import seats
from enrollment.services.cancelling import cancel_trial
from enrollment.services.moves import move_trial
from enrollment.services.wishes import ChildWish
from kit.limiter import LimitReached
from messaging.models import Message
from privacy.actors import ANONYMOUS, Actor
from privacy.audit.models import AuditEvent
from tests.children import NICKNAME, a_child
from tests.enrollment.test_seats_parallel import at_once, queued_for, without_the_check
from tests.enrollment.test_trial_children import born
from tests.families import a_guardian, a_seat, acting
from tests.people import new_phone, texts_to
from tests.places import a_campus, a_class, a_course, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)


def moved(booking: TrialBooking, session: ClassSession, by: Actor | None = None) -> TrialBooking:
    return move_trial(booking=booking, session=session, by=by or acting(booking.guardian))


def everything() -> dict[str, Any]:
    """Every row that a move may touch."""
    return {
        model.__name__: sorted(map(str, model.objects.values_list()))
        for model in (TrialBooking, BookingEvent, Message, WaitlistEntry, WaitlistChoice, AuditEvent)
    } | {"seats": list(ClassSession.objects.order_by("pk").values_list("pk", "seats_taken"))}


def taken(*sessions: ClassSession) -> list[int]:
    return [ClassSession.objects.get(pk=session.pk).seats_taken for session in sessions]


def aged(months: int, guardian: User, on: ClassSession) -> ChildWish:
    """A child of the guardian's that is so many months old on the day of that class."""
    year, month = born(months, on.local_date).split("-")
    return ChildWish(id=a_child(guardian, born=date(int(year), int(month), 1)))


def waits_for(session: ClassSession) -> WaitlistEntry:
    entry = WaitlistEntry.objects.create(guardian=a_guardian(), channel=BookingChannel.WEB)
    WaitlistChoice.objects.create(entry=entry, session=session)
    return entry


def test_the_seat_is_another_one_and_everything_else_goes_along() -> None:
    phone = new_phone()
    guardian, first, second = a_guardian(phone), a_class(), a_class(starts_at=at(days=4, hour=10))
    child = aged(60, guardian, first)
    booking = a_seat(first, guardian, child=child, source="poster-bj-01", channel=BookingChannel.WEB)

    successor = moved(booking, second)

    booking.refresh_from_db()
    assert (booking.state, booking.closed_at is None) == (BookingState.RESCHEDULED, False)
    assert successor.rescheduled_from == booking
    assert (successor.state, successor.session) == (BookingState.BOOKED, second)
    assert successor.reference != booking.reference
    for kept in ("guardian_id", "child_id", "source", "channel", "verified_at", "party_id", "party_place"):
        assert getattr(successor, kept) == getattr(booking, kept), kept
    assert successor.revision > booking.revision
    assert taken(first, second) == [0, 1]
    assert list(booking.events.values_list("state", flat=True)) == ["booked", "rescheduled"]
    assert list(successor.events.values_list("state", flat=True)) == ["booked"]
    actions = AuditEvent.objects.filter(action__startswith="trial.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "trial.booked",
        "trial.moved",
        "trial.moved_here",
    ]
    (_, told) = texts_to(phone)
    assert successor.reference in told
    assert "10:00" in told
    assert NICKNAME not in told


def test_moving_twice_to_the_same_class_is_moving_once() -> None:
    first, second = a_class(), a_class(starts_at=at(days=4, hour=10))
    booking = a_seat(first)

    once, twice = moved(booking, second), moved(booking, second)
    from_there = moved(once, second)

    assert once.pk == twice.pk == from_there.pk
    assert taken(first, second) == [0, 1]
    assert Message.objects.filter(template="trial_moved").count() == 1


def test_an_old_page_is_led_to_where_the_booking_is_now() -> None:
    first, second, third = (a_class(starts_at=at(days=2 + each, hour=10)) for each in range(3))
    booking = a_seat(first)
    newest = moved(moved(booking, second), third)

    with pytest.raises(StateChanged) as led:
        moved(booking, second)

    assert led.value.booking == newest
    assert taken(first, second, third) == [0, 0, 1]


def test_there_and_back_again_is_two_moves() -> None:
    first, second = a_class(), a_class(starts_at=at(days=4, hour=10))
    booking = a_seat(first)

    back = moved(moved(booking, second), first)

    assert back.pk != booking.pk
    assert taken(first, second) == [1, 0]


def a_full_class() -> ClassSession:
    session = a_class(capacity=1, starts_at=at(days=5, hour=9))
    a_seat(session)
    return session


def a_queued_class() -> ClassSession:
    """A seat is free, and somebody waits who has not been offered it yet."""
    session = a_class(starts_at=at(days=5, hour=9), state=SessionState.CLOSED)
    waits_for(session)
    ClassSession.objects.filter(pk=session.pk).update(
        state=SessionState.OPEN, booking_opens_at=None, capacity=1
    )
    return session


def a_closed_class() -> ClassSession:
    return a_class(starts_at=at(days=5, hour=9), state=SessionState.CLOSED)


def a_class_called_off() -> ClassSession:
    return a_class(starts_at=at(days=5, hour=9), state=SessionState.CANCELLED)


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        (a_full_class, SessionFull),
        (a_queued_class, SessionFull),
        (a_closed_class, SessionClosed),
        (a_class_called_off, SessionClosed),
    ],
    ids=lambda each: each.__name__,
)
def test_where_no_seat_is_to_be_had_everything_stays_and_others_are_named(
    other: Any, refusal: type[Exception]
) -> None:
    booking, session = a_seat(a_class()), other()
    free = a_class(starts_at=at(days=6, hour=9))
    before = everything()

    with pytest.raises(refusal) as refused:
        moved(booking, session)

    assert everything() == before
    assert refused.value.alternatives == [free]  # and not the class they are in


def test_a_family_that_staff_seated_does_not_pass_those_who_wait() -> None:
    booking, session = a_seat(a_class(), channel=BookingChannel.STAFF), a_queued_class()

    with pytest.raises(SessionFull):
        moved(booking, session)


def test_another_live_trial_of_that_course_bars_the_way() -> None:
    guardian, other = a_guardian(), a_course("reading-6-8", ages=(48, 90))
    booking, standing = a_seat(a_class(), guardian), a_seat(a_class(course=other), guardian)
    before = everything()

    with pytest.raises(AlreadyBooked) as barred:
        moved(booking, a_class(course=other, starts_at=at(days=6, hour=9)))

    assert barred.value.booking == standing
    assert everything()["TrialBooking"] == before["TrialBooking"]


def test_any_city_and_any_course_will_do() -> None:
    booking = a_seat(a_class())
    elsewhere = a_class(campus=a_campus(1, "shanghai"), course=a_course("reading-6-8", ages=(48, 90)))

    successor = moved(booking, elsewhere)

    successor.refresh_from_db()
    assert (successor.city, successor.campus) == (elsewhere.campus.city, elsewhere.campus)
    assert successor.course == elsewhere.course


@pytest.mark.parametrize("by_link", [False, True])
def test_the_child_has_to_be_of_age_on_the_new_day_and_a_link_holder_learns_no_age(by_link: bool) -> None:
    guardian, first = a_guardian(), a_class()
    course = first.course
    booking = a_seat(first, guardian, child=aged(course.age_max_months, guardian, first))
    next_month = (first.local_date.replace(day=1) + timedelta(days=32)).replace(day=1)
    in_a_month = a_class(starts_at=first.starts_at + (next_month - first.local_date))
    before = everything()

    with pytest.raises(AgeUnsuitable) as refused:
        moved(booking, in_a_month, ANONYMOUS if by_link else acting(guardian))

    assert refused.value.months == (None if by_link else course.age_max_months + 1)
    assert everything()["TrialBooking"] == before["TrialBooking"]
    look = AuditEvent.objects.filter(action="child.read").latest("pk")
    assert (look.actor_kind, look.subject_id) == ("system" if by_link else "guardian", booking.child_id)
    assert moved(booking, a_class(starts_at=at(days=1, hour=9)), ANONYMOUS).child_id == booking.child_id


@pytest.mark.parametrize(("hours", "may"), [(3, False), (5, True)])
def test_the_cut_off_is_the_familys_and_not_the_staffs(hours: int, may: bool, settings: Any) -> None:
    settings.CANCEL_HOURS = 4
    booking = a_seat(a_class(starts_at=timezone.now() + timedelta(hours=hours)))
    free = a_class(starts_at=at(days=4, hour=9))

    if may:
        assert moved(booking, free).session == free
    else:
        with pytest.raises(TooLate):
            moved(booking, free)
        staff = Actor("staff", a_guardian().pk)
        assert moved(booking, free, staff).session == free


def test_whose_class_was_changed_moves_and_cancels_until_it_begins(settings: Any) -> None:
    settings.CANCEL_HOURS = 4
    soon = a_class(starts_at=timezone.now() + timedelta(hours=1))
    moving, leaving = a_seat(soon), a_seat(soon)
    TrialBooking.objects.update(class_changed_at=timezone.now())
    for booking in (moving, leaving):
        booking.refresh_from_db()

    assert moved(moving, a_class(starts_at=at(days=4, hour=9))).class_changed_at is None
    assert cancel_trial(booking=leaving, by=acting(leaving.guardian)).state == BookingState.CANCELLED


@pytest.mark.parametrize("state", [BookingState.CANCELLED, BookingState.CHECKED_IN])
def test_only_a_booked_seat_is_moved(state: BookingState) -> None:
    booking = a_seat(a_class())
    closed = timezone.now() if state == BookingState.CANCELLED else None
    TrialBooking.objects.filter(pk=booking.pk).update(state=state, closed_at=closed)

    with pytest.raises(TooLate):
        moved(booking, a_class(starts_at=at(days=4, hour=9)), Actor("staff", a_guardian().pk))


def test_the_seat_left_is_offered_to_who_waits_for_it() -> None:
    session = a_class(capacity=1)
    booking = a_seat(session)
    entry = waits_for(session)

    moved(booking, a_class(starts_at=at(days=4, hour=9)))

    entry.refresh_from_db()
    assert entry.state == WaitlistState.OFFERED
    assert taken(session) == [1]


def test_moving_is_not_booking_but_is_counted_for_its_messages() -> None:
    here, there = a_class(), a_class(starts_at=at(days=4, hour=9))
    booking = a_seat(here)
    for number in range(MOST_MOVES[0][0]):
        booking = moved(booking, here if number % 2 else there)
    before = everything()

    with pytest.raises(LimitReached):
        moved(booking, there)

    assert everything() == before


def crossed(pairs: int) -> tuple[ClassSession, ClassSession, list[Any]]:
    """Two classes full but for one seat; all of both want into the other, in opposite directions at once."""
    one, other = a_class(capacity=pairs + 1), a_class(capacity=pairs + 1, starts_at=at(days=4, hour=9))
    there, back = ([a_seat(each) for _ in range(pairs)] for each in (one, other))
    work = [lambda b=b: moved(b, other) for b in there] + [lambda b=b: moved(b, one) for b in back]
    return one, other, at_once(work)


def test_swaps_in_opposite_directions_neither_lock_up_nor_lose_or_double_a_seat() -> None:
    one, other, outcomes = crossed(5)

    assert set(map(type, outcomes)) <= {TrialBooking, SessionFull}
    assert any(isinstance(outcome, TrialBooking) for outcome in outcomes)
    live = TrialBooking.objects.filter(state="booked")
    assert Counter(live.values_list("guardian", flat=True)) == dict.fromkeys(
        User.objects.values_list("pk", flat=True), 1
    )
    assert sum(taken(one, other)) == live.count() == 10
    chains = TrialBooking.objects.filter(state="rescheduled")
    assert all(hasattr(row, "successor") for row in chains)
    assert chains.count() == sum(isinstance(outcome, TrialBooking) for outcome in outcomes)


def test_the_last_seat_is_moved_to_once_and_without_the_check_it_is_not() -> None:
    def race() -> ClassSession:
        session = a_class(capacity=1, starts_at=at(days=4, hour=9))
        bookings = [a_seat(a_class()) for _ in range(6)]
        queued_for(session, [partial(moved, booking, session) for booking in bookings])
        session.refresh_from_db()
        return session

    with without_the_check():
        assert race().seats_taken == 6
    assert race().seats_taken == 1


def test_one_booking_moved_to_two_classes_at_once_goes_to_one() -> None:
    booking = a_seat(a_class())
    others = [a_class(starts_at=at(days=4 + each, hour=9)) for each in range(4)]

    outcomes = at_once([partial(moved, booking, other) for other in others])

    assert Counter(map(type, outcomes)) == {TrialBooking: 1, StateChanged: 3}
    assert sum(taken(*others)) == 1
