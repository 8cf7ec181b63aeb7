"""Holds asked for, moved, confirmed and run out at the same moment: connections and threads are real."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.browser import COOKIE
from accounts.models import VerificationCode
from enrollment.exceptions import HoldsFull, SessionFull
from enrollment.models import ClassSession, TrialBooking
from enrollment.services import holds, seats
from enrollment.services.bookings import request_trial
from kit.client_address import address_blocks
from kit.limiter import Limit, take
from messaging.models import Message
from tests.enrollment.test_hold_api import ask
from tests.enrollment.test_seats_parallel import at_once, queued_for
from tests.families import a_guardian, a_seat, a_wish
from tests.holding import a_hold
from tests.holding import seats as counted_seats
from tests.people import new_phone
from tests.places import a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

PARENTS = 8


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    for module in (seats, holds):
        monkeypatch.setattr(module, "LOCK_WAIT", 60.0)


def live() -> int:
    return TrialBooking.objects.filter(state="held").count()


def owner_books(session: ClassSession, phone: str) -> Callable[[], TrialBooking]:
    guardian = a_guardian(phone)
    return lambda: request_trial(guardian=guardian, request=a_wish(session))


def test_many_ask_for_the_last_seat_and_one_has_it() -> None:
    """The rest are offered others in the same answer, and neither message nor limit is spent on them."""
    session, other = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9))
    phones = [new_phone() for _ in range(PARENTS)]

    answers = queued_for(session, [partial(ask, Client(), session, phone) for phone in phones])

    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: PARENTS - 1}
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "session_full"
            assert [each["id"] for each in answer.json()["alternatives"]] == [other.public_id]
    assert live() == VerificationCode.objects.count() == Message.objects.count() == 1
    assert counted_seats(session) == (1, 1)


def test_pressed_twice_at_once_sends_once_and_keeps_the_seat() -> None:
    session, phone = a_class(), new_phone()
    client = Client()
    client.cookies[COOKIE] = "a" * 22

    answers = queued_for(session, [lambda: ask(client, session, phone) for _ in range(2)])

    assert sorted(answer.status_code for answer in answers) == [202, 429]
    assert live() == VerificationCode.objects.count() == Message.objects.count() == 1
    assert TrialBooking.objects.count() == 1


def test_a_limit_reached_while_waiting_for_the_class_lets_go_of_the_seat() -> None:
    session = a_class()
    last_but_one = Limit(scope="send:address", key=address_blocks("127.0.0.1")[0], count=60, seconds=3600)
    for _ in range(59):
        take([last_but_one])

    answers = queued_for(session, [lambda: ask(Client(), session, new_phone()) for _ in range(2)])

    assert sorted(answer.status_code for answer in answers) == [202, 429]
    assert counted_seats(session) == (1, 1)
    assert VerificationCode.objects.count() == 1
    assert sorted(TrialBooking.objects.values_list("state", flat=True)) == ["cancelled", "held"]


def test_a_swarm_of_numbers_holds_half_and_no_more() -> None:
    session = a_class(capacity=6)

    outcomes = queued_for(session, [lambda: a_hold(session) for _ in range(PARENTS)])

    assert Counter(type(outcome) for outcome in outcomes) == {TrialBooking: 3, HoldsFull: PARENTS - 3}
    assert counted_seats(session) == (3, 3)


def test_one_number_in_many_browsers_holds_one_seat() -> None:
    phone = new_phone()
    wanted = [a_class(starts_at=at(days=2 + number, hour=9)) for number in range(4)]

    outcomes = at_once(
        [
            partial(a_hold, session, phone, browser=browser)
            for session in wanted
            for browser in ("one", "another")
        ]
    )

    assert {type(outcome) for outcome in outcomes} == {TrialBooking}
    assert live() == 1
    assert sum(ClassSession.objects.values_list("seats_taken", flat=True)) == 1


def test_moving_crosswise_locks_nobody_out() -> None:
    first, second = a_class(), a_class(starts_at=at(days=3, hour=9))
    phones = [new_phone() for _ in range(4)]
    for phone in phones[:2]:
        a_hold(first, phone)
    for phone in phones[2:]:
        a_hold(second, phone)

    def moves(phone: str) -> Callable[[], Any]:
        def there_and_back() -> None:
            for session in (second, first) * 3:
                a_hold(session, phone)

        return there_and_back

    assert at_once([moves(phone) for phone in phones]) == [None] * 4
    assert live() == 4
    assert (counted_seats(first), counted_seats(second)) == ((4, 4), (0, 0))


def test_confirmed_in_time_or_seated_anew_and_nobody_twice() -> None:
    """Half of the holds run out while their owners wait in line to confirm them."""
    session = a_class(capacity=6)
    ClassSession.objects.filter(pk=session.pk).update(unverified_cap=6)
    phones = [new_phone() for _ in range(6)]
    held = [a_hold(session, phone) for phone in phones]
    work = [owner_books(session, phone) for phone in phones]
    over = timezone.now() + timedelta(seconds=3)
    late = [hold.pk for hold in held[:3]]
    TrialBooking.objects.filter(pk__in=late).update(hold_expires_at=over)

    outcomes = queued_for(session, work, also=lambda: timezone.now() > over)

    assert {type(outcome) for outcome in outcomes} == {TrialBooking}
    confirmed = {outcome.pk for outcome in outcomes} & {hold.pk for hold in held}
    assert confirmed == {hold.pk for hold in held[3:]}
    assert set(TrialBooking.objects.filter(pk__in=late).values_list("state", flat=True)) == {"expired"}
    assert counted_seats(session) == (6, 0)
    assert TrialBooking.objects.filter(state="booked").values("guardian").distinct().count() == 6


@pytest.mark.parametrize("milliseconds", range(0, 200, 20))
def test_around_its_end_the_seat_is_the_owners_or_somebody_elses(milliseconds: int) -> None:
    session, phone = a_class(capacity=1), new_phone()
    hold, owner = a_hold(session, phone), owner_books(session, phone)
    TrialBooking.objects.filter(pk=hold.pk).update(
        hold_expires_at=timezone.now() + timedelta(milliseconds=milliseconds)
    )

    outcomes = at_once([owner, lambda: a_seat(session), lambda: a_hold(session)])

    assert {type(outcome) for outcome in outcomes} <= {TrialBooking, SessionFull}
    assert sum(isinstance(outcome, TrialBooking) for outcome in outcomes) == 1 or live() == 1
    assert counted_seats(session)[0] == 1
