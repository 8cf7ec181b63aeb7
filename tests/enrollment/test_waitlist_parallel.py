"""The waiting list under many hands at once: connections and threads are real, and so is the order of coming."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from enrollment.enums import BookingState, WaitlistState
from enrollment.exceptions import AlreadyBooked, AlreadyWaiting, HoldTooLate, SeatFree, SessionFull
from enrollment.models import ClassSession, TrialBooking, WaitlistChoice, WaitlistEntry
from enrollment.services import seats
from enrollment.services.bookings import request_trial
from enrollment.services.cancelling import cancel_trial
from enrollment.services.settling import settle_due
from enrollment.services.waitlist import accept, leave
from messaging.models import Message
from privacy.actors import SYSTEM
from tests.enrollment.test_seats_parallel import at_once
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_class, at
from tests.waiters import a_full_class, frees_a_seat, offered, runs_out, state_of, waits_for

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

FAMILIES = 10


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)


def joins(*sessions: ClassSession) -> Callable[[], WaitlistEntry]:
    guardian = a_guardian()
    return lambda: waits_for(*sessions, guardian=guardian)


def kinds(outcomes: list[Any]) -> set[type]:
    return {type(outcome) for outcome in outcomes}


def offers_and_entries_agree() -> bool:
    """An open offer has one live seat, and a live seat that was offered one open offer."""
    held = TrialBooking.objects.filter(waitlist_entry__isnull=False, state=BookingState.HELD)
    open_ = WaitlistEntry.objects.filter(state=WaitlistState.OFFERED)
    return sorted(held.values_list("waitlist_entry", flat=True)) == sorted(open_.values_list("pk", flat=True))


def test_offers_are_made_in_the_order_of_coming() -> None:
    session = a_full_class(capacity=FAMILIES)
    booked = list(TrialBooking.objects.filter(session=session))

    outcomes = at_once([joins(session) for _ in range(FAMILIES)])
    assert kinds(outcomes) == {WaitlistEntry}
    at_once([partial(cancel_trial, booking=booking, by=SYSTEM) for booking in booked])

    made = TrialBooking.objects.filter(waitlist_entry__isnull=False).order_by("pk")
    came = WaitlistEntry.objects.order_by("joined_at", "pk").values_list("pk", flat=True)
    assert list(made.values_list("waitlist_entry", flat=True)) == list(came)
    assert offers_and_entries_agree()


def test_joining_while_seats_come_free_passes_nobody() -> None:
    """Whoever was offered a seat came before everybody who waits still."""
    session = a_full_class(capacity=4)
    booked = list(TrialBooking.objects.filter(session=session))
    first = [waits_for(session) for _ in range(2)]
    cancels = [partial(cancel_trial, booking=booking, by=SYSTEM) for booking in booked]

    outcomes = at_once([*cancels, *[joins(session) for _ in range(FAMILIES)]])

    assert kinds(outcomes) <= {TrialBooking, WaitlistEntry, SeatFree}
    assert [state_of(entry) for entry in first] == ["offered", "offered"]
    offered_ = WaitlistEntry.objects.filter(state="offered").order_by("-joined_at", "-pk")
    waiting = WaitlistEntry.objects.filter(state="waiting").order_by("joined_at", "pk")
    if waiting:
        last, next_ = offered_[0], waiting[0]
        assert (last.joined_at, last.pk) < (next_.joined_at, next_.pk)
        session.refresh_from_db()
        assert session.seats_left == 0
    assert offers_and_entries_agree()


def test_the_public_and_the_line_want_the_same_seats() -> None:
    session = a_full_class(capacity=3)
    booked = list(TrialBooking.objects.filter(session=session))
    entries = [waits_for(session) for _ in range(3)]
    public = [partial(request_trial, guardian=a_guardian(), request=a_wish(session)) for _ in range(FAMILIES)]

    outcomes = at_once([*public, *[partial(cancel_trial, booking=one, by=SYSTEM) for one in booked]])

    assert kinds(outcomes) == {SessionFull, TrialBooking}
    assert [state_of(entry) for entry in entries] == ["offered"] * 3
    assert TrialBooking.objects.filter(session=session, state="booked").count() == 0


def test_one_family_on_two_phones_has_one_place() -> None:
    session, guardian = a_full_class(), a_guardian()

    outcomes = at_once([partial(waits_for, session, guardian=guardian) for _ in range(6)])

    assert kinds(outcomes) == {WaitlistEntry, AlreadyWaiting}
    assert WaitlistEntry.objects.count() == 1


def test_accepted_from_two_phones_it_is_one_booking_and_one_message() -> None:
    entry = waits_for(session := a_full_class())
    frees_a_seat(session)

    outcomes = at_once([partial(accept, entry=entry, by=acting(entry.guardian)) for _ in range(6)])

    assert {outcome.pk for outcome in outcomes} == {offered(entry).pk}
    told = Message.objects.filter(template="trial_booked", recipient_id=entry.guardian_id)
    assert told.count() == 1


def test_accepted_and_declined_at_once_it_is_one_of_the_two() -> None:
    session = a_full_class()
    first, second = waits_for(session), waits_for(session)
    frees_a_seat(session)

    yes, no = at_once(
        [partial(accept, entry=first, by=SYSTEM), partial(leave, entry=first, by=SYSTEM)]
    )  # in the order in which they ended

    if state_of(first) == "accepted":
        assert kinds([yes, no]) == {TrialBooking, AlreadyBooked}
        assert state_of(second) == "waiting"
    else:
        assert kinds([yes, no]) == {WaitlistEntry, HoldTooLate}
        assert state_of(second) == "offered"
    assert offers_and_entries_agree()


@pytest.mark.parametrize("round_", range(3))
def test_an_offer_that_runs_out_while_it_is_accepted_is_either(round_: int) -> None:
    session = a_full_class(capacity=2)
    entries = [waits_for(session) for _ in range(4)]
    frees_a_seat(session)
    frees_a_seat(session)
    runs_out(offered(entries[round_ % 2]))

    outcomes = at_once(
        [
            *[partial(accept, entry=entry, by=SYSTEM) for entry in entries[:2]],
            settle_due,
            settle_due,
            joins(session),
        ]
    )

    late, timely = entries[round_ % 2], entries[1 - round_ % 2]
    settle_due()
    assert (state_of(late), state_of(timely)) == ("expired", "accepted")
    assert [state_of(entry) for entry in entries[2:]] == ["offered", "waiting"]
    assert sum(isinstance(outcome, HoldTooLate) for outcome in outcomes) == 1
    assert offers_and_entries_agree()


def test_a_family_that_waits_for_two_classes_is_offered_one_seat_when_both_come_free() -> None:
    one, other = a_full_class(), a_full_class()
    both = [waits_for(one, other) for _ in range(3)]
    booked = [TrialBooking.objects.get(session=session, state="booked") for session in (one, other)]

    at_once([partial(cancel_trial, booking=booking, by=SYSTEM) for booking in booked])

    assert [state_of(entry) for entry in both] == ["offered", "offered", "waiting"]
    assert offers_and_entries_agree()


def test_two_classes_that_end_at_once_leave_nobody_waiting_for_nothing() -> None:
    one, other = a_full_class(), a_full_class()
    entries = [waits_for(one, other) for _ in range(4)] + [waits_for(other, one)]
    ClassSession.objects.filter(pk__in=[one.pk, other.pk]).update(state="started")

    at_once([settle_due for _ in range(4)])
    settle_due()

    assert {state_of(entry) for entry in entries} == {"lapsed"}
    assert not WaitlistChoice.objects.waiting().exists()
    assert Message.objects.filter(template="waiting_over").count() == len(entries)


def test_leaving_while_a_seat_comes_free_loses_no_seat() -> None:
    session = a_full_class()
    entries = [waits_for(session) for _ in range(4)]
    booking = TrialBooking.objects.get(session=session, state="booked")

    at_once(
        [
            partial(cancel_trial, booking=booking, by=SYSTEM),
            *[partial(leave, entry=entry, by=SYSTEM) for entry in entries[:3]],
        ]
    )

    assert [state_of(entry) for entry in entries] == ["withdrawn"] * 3 + ["offered"]
    assert offers_and_entries_agree()


def test_a_seat_found_elsewhere_meanwhile_leaves_the_line_standing() -> None:
    session, guardian = a_full_class(), a_guardian()
    entry, behind = waits_for(session, guardian=guardian), waits_for(session)
    elsewhere = a_class(starts_at=at(days=5, hour=9))
    booking = TrialBooking.objects.get(session=session, state="booked")

    outcomes = at_once(
        [
            partial(a_seat, elsewhere, guardian),
            partial(cancel_trial, booking=booking, by=SYSTEM),
        ]
    )

    states = state_of(entry), state_of(behind)
    assert states in {("lapsed", "offered"), ("offered", "waiting")}
    assert (AlreadyBooked in kinds(outcomes)) == (states[0] == "offered")
    assert offers_and_entries_agree()
