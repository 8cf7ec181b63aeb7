"""The waiting list: who may join, who is next, what becomes of a seat that is offered."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from courses.models import Campus, City
from enrollment.enums import BookingChannel, ChangeReason, SessionState
from enrollment.exceptions import (
    AgeUnsuitable,
    AlreadyBooked,
    AlreadyWaiting,
    HoldTooLate,
    NoOffer,
    SeatFree,
    SessionClosed,
    SessionElsewhere,
    SessionFull,
    TooManyWaiting,
)
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.policies import MOST_WAITING, can_wait, offer_until
from enrollment.services.cancelling import cancel_trial
from enrollment.services.children import remove_child
from enrollment.services.class_changes import call_off
from enrollment.services.settling import settle_due
from enrollment.services.waiting import wait_signed_in
from enrollment.services.waitlist import accept, join, leave, places_of, position
from enrollment.services.wishes import ChildWish
from kit.limiter import LimitReached
from kit.quiet_hours import next_waking
from messaging.models import Message
from privacy.actors import SYSTEM
from privacy.audit.models import AuditEvent
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions
from privacy.minors.exceptions import ChildUnknown
from privacy.minors.models import Child
from tests.children import a_child, name_of, rules
from tests.families import a_guardian, a_seat, a_wish, acting, written_to
from tests.places import SHANGHAI, a_campus, a_class, a_course, at
from tests.waiters import a_full_class, frees_a_seat, offered, runs_out, state_of, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def left(session: ClassSession) -> int:
    session.refresh_from_db()
    return session.seats_left


def _set(session: ClassSession, **changed: object) -> None:
    ClassSession.objects.filter(pk=session.pk).update(**changed)


def called_off(session: ClassSession) -> None:
    call_off(session=session, by=SYSTEM, reason=ChangeReason.WEATHER)


# Joining


def test_a_family_joins_behind_those_who_wait_already_and_nothing_is_sent() -> None:
    session = a_full_class()
    before = Message.objects.count()

    first, second = waits_for(session), waits_for(session)

    assert (position(first), position(second)) == (1, 2)
    assert (first.state, first.channel) == ("waiting", "web")
    assert Message.objects.count() == before
    assert AuditEvent.objects.filter(action="waitlist.joined").count() == 2


def test_whoever_waits_for_several_classes_has_a_place_in_each_and_the_best_counts() -> None:
    busy, quiet = a_full_class(), a_full_class()
    waits_for(busy)

    entry = waits_for(busy, quiet)

    assert places_of([entry.pk]) == {entry.pk: {busy.pk: 2, quiet.pk: 1}}
    assert position(entry) == 1


def test_nobody_waits_for_a_class_with_a_free_seat() -> None:
    full, free = a_full_class(), a_class()

    with pytest.raises(SeatFree) as refusal:
        waits_for(full, free)

    assert refusal.value.session == free
    assert not WaitlistEntry.objects.exists()


def test_a_seat_whose_hold_has_run_out_is_free() -> None:
    session = a_class(capacity=1)
    hold = TrialBooking.objects.create(
        city=session.campus.city,
        session=session,
        state="held",
        channel="web",
        phone_index="x" * 8,
        hold_expires_at=timezone.now() - timedelta(seconds=1),
    )

    with pytest.raises(SeatFree):
        waits_for(session)
    assert TrialBooking.objects.get(pk=hold.pk).state == "held"  # nothing is kept of what was refused


@pytest.mark.parametrize(
    "spoil",
    [
        lambda session: _set(session, state=SessionState.CLOSED),
        called_off,
        lambda session: _set(session, booking_closes_at=timezone.now() + timedelta(minutes=20)),
        lambda session: Campus.objects.filter(pk=session.campus_id).update(active=False),
    ],
    ids=["closed", "cancelled", "too late to answer", "campus closed"],
)
def test_a_class_that_cannot_be_waited_for_leads_to_others(spoil: Callable[[ClassSession], object]) -> None:
    session, other = a_full_class(), a_class(campus=a_campus(2))
    spoil(session)

    with pytest.raises(SessionClosed) as refusal:
        waits_for(session)

    assert refusal.value.alternatives == [other]
    assert not WaitlistEntry.objects.exists()


def test_one_entry_is_for_one_city_and_for_six_classes_at_the_most() -> None:
    here, there = a_full_class(), a_full_class(campus=a_campus(city="shanghai"))

    with pytest.raises(SessionElsewhere):
        waits_for(here, there)
    with pytest.raises(ValueError, match="up to six"):
        waits_for(*[a_full_class() for _ in range(7)])
    with pytest.raises(ValueError, match="up to six"):
        waits_for()


def test_a_family_waits_once_for_a_class_whatever_else_it_names() -> None:
    session, other, guardian = a_full_class(), a_full_class(), a_guardian()
    entry = waits_for(session, guardian=guardian)

    with pytest.raises(AlreadyWaiting) as refusal:
        waits_for(other, session, guardian=guardian)

    assert refusal.value.entry == entry
    assert WaitlistEntry.objects.count() == 1


def test_each_child_of_a_family_has_an_entry_of_its_own() -> None:
    session, guardian = a_full_class(), a_guardian()
    born = session.local_date.replace(year=session.local_date.year - 5, day=1)
    one, other = a_child(guardian, "小一", born), a_child(guardian, "小二", born)

    entries = [waits_for(session, guardian=guardian, child=child) for child in (one, other, None)]

    assert [position(entry) for entry in entries] == [1, 2, 3]
    with pytest.raises(AlreadyWaiting):
        waits_for(session, guardian=guardian, child=one)


def test_whoever_has_a_trial_of_the_course_need_not_wait_for_another() -> None:
    session, guardian = a_full_class(), a_guardian()
    booking = a_seat(a_class(starts_at=at(days=4, hour=9)), guardian)

    with pytest.raises(AlreadyBooked) as refusal:
        waits_for(session, guardian=guardian)

    assert refusal.value.booking == booking
    assert waits_for(a_full_class(course=a_course("another")), guardian=guardian)


def test_a_family_waits_in_so_many_places_at_the_most() -> None:
    guardian = a_guardian()
    entries = [waits_for(a_full_class(), guardian=guardian) for _ in range(MOST_WAITING)]
    session = a_full_class()

    with pytest.raises(TooManyWaiting) as refusal:
        waits_for(session, guardian=guardian)
    leave(entry=entries[0], by=acting(guardian))

    assert refusal.value.most == MOST_WAITING
    assert waits_for(session, guardian=guardian)


def test_joining_and_leaving_over_and_over_comes_to_an_end() -> None:
    session, guardian = a_full_class(), a_guardian()

    with pytest.raises(LimitReached):
        for _ in range(31):
            leave(entry=waits_for(session, guardian=guardian), by=acting(guardian))

    assert WaitlistEntry.objects.count() == 30


def test_a_child_has_to_suit_every_class() -> None:
    guardian, young = a_guardian(), a_full_class()
    old = a_full_class(course=a_course("eleven", ages=(132, 155)))
    born = young.local_date.replace(year=young.local_date.year - 5, day=1)
    child = ChildWish(nickname="小豆包", birth_month=born)

    with pytest.raises(AgeUnsuitable) as refusal:
        wait_signed_in(guardian=guardian, sessions=[young, old], request=a_wish(young, child=child))
    with pytest.raises(AgeUnsuitable):
        waits_for(young, old, guardian=guardian, child=a_child(guardian, born=born))

    assert refusal.value.session == old
    assert not WaitlistEntry.objects.exists()


def test_nobody_waits_in_the_name_of_somebody_elses_child() -> None:
    child = a_child(a_guardian())

    with pytest.raises(ChildUnknown):
        waits_for(a_full_class(), child=child)


def test_a_child_typed_in_is_kept_and_waited_for() -> None:
    session, guardian = a_full_class(), a_guardian()
    born = session.local_date.replace(year=session.local_date.year - 5, day=1)
    child = ChildWish(nickname="小豆包", birth_month=born)
    wish = a_wish(session, child=child, agreements=current_versions() | rules())

    entry = wait_signed_in(guardian=guardian, sessions=[session], request=wish)

    assert entry.child_id == Child.objects.get().pk
    assert set(WaitlistChoice.objects.values_list("guardian_id", "child_id")) == {
        (guardian.pk, entry.child_id)
    }


# A seat comes free


def test_a_seat_given_back_is_offered_to_the_first_in_line_and_to_nobody_else() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)

    frees_a_seat(session)

    seat = offered(first)
    assert (state_of(first), state_of(second)) == ("offered", "waiting")
    assert (seat.state, seat.guardian_id, seat.channel) == ("held", first.guardian_id, "web")
    assert seat.hold_expires_at == pytest.approx(
        offer_until(session, timezone.now()), abs=timedelta(minutes=1)
    )
    assert (position(first), position(second)) == (None, 1)
    assert left(session) == 0
    (text,) = written_to(first.guardian)
    assert session.course.name in text
    assert "给您留到" in text
    assert "/t/" in text


def test_the_public_does_not_pass_those_who_wait() -> None:
    session = a_full_class()
    waits_for(session)
    frees_a_seat(session)

    with pytest.raises(SessionFull):
        a_seat(session)
    assert TrialBooking.objects.filter(session=session, state="booked").count() == 0


def test_an_offer_of_one_class_ends_the_waiting_for_the_others() -> None:
    one, other = a_full_class(), a_full_class()
    entry, behind = waits_for(one, other), waits_for(other)

    frees_a_seat(one)
    frees_a_seat(other)

    assert offered(entry).session == one
    assert offered(behind).session == other


def test_a_family_that_found_a_seat_elsewhere_is_passed_by_without_a_word() -> None:
    session, guardian = a_full_class(), a_guardian()
    other_course = a_full_class(course=a_course("another"))
    gone = waits_for(session, guardian=guardian)
    partly = waits_for(other_course, guardian=guardian)
    both = a_guardian()
    still = waits_for(session, other_course, guardian=both)
    for family in (guardian, both):
        a_seat(a_class(starts_at=at(days=4, hour=9)), family)
    last = waits_for(session)

    frees_a_seat(session)

    assert (state_of(gone), state_of(partly), state_of(still)) == ("lapsed", "waiting", "waiting")
    assert set(places_of([still.pk])[still.pk]) == {other_course.pk}
    assert offered(last).session == session
    assert not Message.objects.filter(template="waiting_over").exists()


def test_more_seats_are_offered_to_as_many_families_in_their_order() -> None:
    session = a_full_class()
    entries = [waits_for(session) for _ in range(3)]
    _set(session, overbook_allowance=2)

    settle_due()

    assert [state_of(entry) for entry in entries] == ["offered", "offered", "waiting"]


# Answers


def test_an_offer_accepted_is_a_booking_like_any_other_and_stays_one() -> None:
    session, guardian = a_full_class(), a_guardian()
    entry = waits_for(session, guardian=guardian)
    frees_a_seat(session)

    booking = accept(entry=entry, by=acting(guardian))

    assert (booking.state, booking.session, booking.hold_expires_at) == ("booked", session, None)
    assert state_of(entry) == "accepted"
    assert accept(entry=entry, by=acting(guardian)) == booking
    assert ["约好了：" in text for text in written_to(guardian)] == [False, True]
    assert list(booking.events.values_list("state", flat=True)) == ["held", "booked"]


def test_nothing_is_there_to_accept_before_a_seat_is_offered() -> None:
    entry = waits_for(a_full_class())

    with pytest.raises(NoOffer):
        accept(entry=entry, by=SYSTEM)
    leave(entry=entry, by=SYSTEM)
    with pytest.raises(NoOffer):
        accept(entry=entry, by=SYSTEM)


def test_an_offer_not_answered_in_time_goes_to_the_next() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)
    frees_a_seat(session)
    runs_out(offered(first))

    with pytest.raises(HoldTooLate):
        accept(entry=first, by=SYSTEM)
    settle_due()

    assert (state_of(first), state_of(second)) == ("expired", "offered")
    with pytest.raises(HoldTooLate):
        accept(entry=first, by=SYSTEM)
    assert left(session) == 0


def test_whoever_joins_finds_an_offer_that_ran_out_and_it_goes_to_the_next_in_line() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)
    frees_a_seat(session)
    runs_out(offered(first))

    third = waits_for(session)

    assert [state_of(entry) for entry in (first, second, third)] == ["expired", "offered", "waiting"]


def test_declining_gives_the_seat_to_the_next_at_once() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)
    frees_a_seat(session)

    leave(entry=first, by=acting(first.guardian))

    assert (state_of(first), state_of(second)) == ("withdrawn", "offered")
    assert offered(first).state == "cancelled"
    assert not Message.objects.filter(template="trial_cancelled", recipient_id=first.guardian_id).exists()


def test_cancelling_the_seat_kept_is_declining_too() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)
    frees_a_seat(session)

    cancel_trial(booking=offered(first), by=acting(first.guardian))

    assert (state_of(first), state_of(second)) == ("withdrawn", "offered")


def test_leaving_is_once_and_for_all_and_lets_the_others_move_up() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)

    leave(entry=first, by=acting(first.guardian))
    closed = WaitlistEntry.objects.get(pk=first.pk).closed_at
    leave(entry=first, by=acting(first.guardian))

    assert state_of(first) == "withdrawn"
    assert first.closed_at == closed
    assert position(second) == 1
    assert AuditEvent.objects.filter(action="waitlist.left").count() == 1
    assert waits_for(session, guardian=first.guardian)


def test_a_seat_accepted_is_cancelled_as_a_booking_not_left_as_a_line() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)
    booking = accept(entry=entry, by=SYSTEM)

    with pytest.raises(AlreadyBooked) as refusal:
        leave(entry=entry, by=SYSTEM)
    assert refusal.value.booking == booking


# The end of waiting


@pytest.mark.parametrize(
    "over",
    [
        lambda session: _set(session, booking_closes_at=timezone.now() + timedelta(minutes=20)),
        called_off,
        lambda session: _set(session, state=SessionState.STARTED),
    ],
    ids=["no time to answer", "called off", "begun"],
)
def test_who_waited_in_vain_is_told_once_and_not_at_night(over: Callable[[ClassSession], object]) -> None:
    session = a_full_class()
    entry = waits_for(session)
    over(session)

    for _ in range(2):
        settle_due()

    assert state_of(entry) == "lapsed"
    message = Message.objects.get(template="waiting_over")
    assert message.due_at == pytest.approx(next_waking(timezone.now()), abs=timedelta(minutes=1))
    (text,) = written_to(entry.guardian)
    assert session.course.name in text
    assert text.endswith("/trial/?city=beijing")


def test_waiting_goes_on_while_another_of_the_classes_is_to_come() -> None:
    soon, later = a_full_class(), a_full_class(starts_at=at(days=6, hour=10))
    entry = waits_for(soon, later)
    called_off(soon)

    settle_due()
    assert state_of(entry) == "waiting"
    assert places_of([entry.pk]) == {entry.pk: {later.pk: 1}}
    assert not Message.objects.filter(template="waiting_over").exists()

    called_off(later)
    settle_due()
    assert state_of(entry) == "lapsed"
    assert Message.objects.filter(template="waiting_over").count() == 1


def test_a_class_closed_for_a_while_keeps_its_line_and_its_seats() -> None:
    session = a_full_class()
    entry = waits_for(session)
    _set(session, state=SessionState.CLOSED)

    frees_a_seat(session)
    assert state_of(entry) == "waiting"

    _set(session, state=SessionState.OPEN)
    settle_due()
    assert state_of(entry) == "offered"


# A child deleted


def test_a_child_deleted_is_waited_for_without_its_name() -> None:
    session, guardian = a_full_class(), a_guardian()
    born = session.local_date.replace(year=session.local_date.year - 5, day=1)
    child = a_child(guardian, born=born)
    unnamed = waits_for(session, guardian=guardian)
    named = waits_for(session, guardian=guardian, child=child)

    remove_child(guardian=guardian, public_id=name_of(child), channel=Channel.WEB)

    kept = WaitlistEntry.objects.filter(guardian=guardian).values_list("child_id", flat=True)
    assert child not in kept
    assert child not in WaitlistChoice.objects.values_list("child_id", flat=True)
    assert [position(entry) for entry in (unnamed, named)] == [1, 2]


# How long one has to answer


def test_the_time_to_answer_shrinks_as_the_class_nears() -> None:
    session = ClassSession(booking_closes_at=datetime(2027, 3, 10, 14, 30, tzinfo=SHANGHAI))

    def until(day: int, hour: int, minute: int = 0) -> datetime | None:
        return offer_until(session, datetime(2027, 3, day, hour, minute, tzinfo=SHANGHAI))

    def moment(day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2027, 3, day, hour, minute, tzinfo=SHANGHAI)

    assert until(1, 12) == moment(2, 12)  # a day at the most
    assert until(9, 14, 30) == moment(9, 20, 30)  # a quarter of a day
    assert until(10, 12, 30) == moment(10, 13)  # half an hour at the least
    assert until(10, 14) == moment(10, 14, 30)
    assert until(10, 14, 1) is None
    assert until(9, 23) == moment(10, 9, 37) + timedelta(seconds=30)  # counted from eight in the morning
    assert until(10, 3) == until(9, 23)


def test_an_early_class_cannot_be_answered_for_in_the_night_before() -> None:
    session = ClassSession(booking_closes_at=datetime(2027, 3, 10, 8, 20, tzinfo=SHANGHAI))

    assert offer_until(session, datetime(2027, 3, 9, 22, tzinfo=SHANGHAI)) is None
    assert offer_until(session, datetime(2027, 3, 9, 20, tzinfo=SHANGHAI)) is not None


def test_one_may_wait_for_a_full_class_alone() -> None:
    now = timezone.now()

    assert can_wait(a_full_class(), now)
    assert not can_wait(a_class(), now)
    assert not can_wait(a_full_class(state=SessionState.OPEN), at(days=2, hour=14, minute=15))


def test_cities_of_classes_decide_not_what_was_asked() -> None:
    session, guardian = a_full_class(), a_guardian()
    wish = a_wish(session, city=City.objects.get(slug="shanghai"))

    entry = wait_signed_in(guardian=guardian, sessions=[session], request=wish)
    frees_a_seat(session)

    assert offered(entry).city == session.campus.city


def test_the_service_takes_the_channel_it_is_told() -> None:
    session, guardian = a_full_class(), a_guardian()

    entry = join(guardian=guardian, sessions=[session], channel=BookingChannel.API, by=acting(guardian))

    assert entry.channel == "api"
