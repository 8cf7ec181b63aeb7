"""Asking for a code with a class chosen, by API: the seat is kept, or the answer says what else there is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import VerificationCode
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import HOLD
from messaging.models import Message
from tests.cleaning import empty_redis
from tests.enrollment.test_trial_api import documents, post, problem
from tests.families import a_seat
from tests.holding import a_hold, run_out, seats
from tests.people import last_code, new_phone
from tests.places import SHANGHAI, a_class, at

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def ask(client: Client, wanted: ClassSession, phone: str, **changed: Any) -> Any:
    body = {"phone": phone, "purpose": "booking", "session": wanted.public_id, **changed}
    return post(client, "verification-codes/", body)


def book(client: Client, session: ClassSession, phone: str, challenge: str, **changed: Any) -> Any:
    body = {
        "challenge": challenge,
        "code": last_code(phone),
        "city": "beijing",
        "session": session.public_id,
        "agreements": documents(client),
        **changed,
    }
    return post(client, "trial-bookings/", body)


def test_the_answer_names_the_class_and_the_end(client: Client) -> None:
    session = a_class()

    answer = ask(client, session, new_phone())

    assert answer.status_code == 202
    hold = answer.json()["hold"]
    assert set(hold) == {"session", "expires_at"}
    assert hold["session"] == session.public_id
    until = datetime.fromisoformat(hold["expires_at"])
    assert hold["expires_at"].endswith("+08:00")
    assert until.utcoffset() == SHANGHAI.utcoffset(until)
    assert abs(until - timezone.now() - HOLD) < timedelta(seconds=10)
    assert seats(session) == (1, 1)


def test_without_a_class_nothing_is_held(client: Client) -> None:
    answer = post(client, "verification-codes/", {"phone": new_phone(), "purpose": "booking"})

    assert set(answer.json()) == {"challenge", "expires_in", "resend_in"}
    assert not TrialBooking.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [{"session": "nobody"}, {"session": None}, {"session": 7}, {"session": ["x"]}, {"purpose": "login"}],
    ids=str,
)
def test_a_class_that_cannot_be_meant_is_a_mistake_in_the_body(
    client: Client, changed: dict[str, Any]
) -> None:
    answer = ask(client, a_class(), new_phone(), **changed)

    assert problem(answer) == (422, "invalid")
    assert set(answer.json()["errors"]) == {"session"}
    assert not VerificationCode.objects.exists()
    assert not TrialBooking.objects.exists()


def test_a_full_class_sends_nothing_takes_no_limit_and_offers_others(client: Client) -> None:
    session, other, phone = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9)), new_phone()
    a_seat(session)
    before = Message.objects.count()

    answers = [ask(client, session, phone) for _ in range(5)]

    assert {problem(answer) for answer in answers} == {(409, "session_full")}
    assert [each["id"] for each in answers[0].json()["alternatives"]] == [other.public_id]
    assert Message.objects.count() == before
    assert not VerificationCode.objects.exists()
    assert ask(client, other, phone).status_code == 202


def test_a_draft_and_a_class_that_is_closed_are_not_held(client: Client) -> None:
    draft, closed = a_class(state="draft"), a_class(state="closed", starts_at=at(days=3, hour=9))

    assert problem(ask(client, draft, new_phone())) == (422, "invalid")
    assert problem(ask(client, closed, new_phone())) == (409, "session_full")
    assert not VerificationCode.objects.exists()


def test_nobody_takes_the_last_seat_while_its_code_is_on_the_way(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    asked = ask(client, session, phone)
    a_class(starts_at=at(days=3, hour=9))

    assert problem(ask(Client(), session, new_phone())) == (409, "session_full")
    done = book(client, session, phone, asked.json()["challenge"])

    assert done.status_code == 201
    assert (done.json()["status"], done.json()["session"]["id"]) == ("booked", session.public_id)
    assert seats(session) == (1, 0)


def test_where_holds_are_used_up_the_code_comes_and_a_proved_number_gets_a_seat(client: Client) -> None:
    session, phone = a_class(capacity=2), new_phone()
    a_hold(session)

    asked = ask(client, session, phone)

    assert asked.status_code == 202
    assert "hold" not in asked.json()
    assert book(client, session, phone, asked.json()["challenge"]).status_code == 201
    assert seats(session) == (2, 1)


def test_asking_again_neither_renews_nor_loses_the_hold(client: Client) -> None:
    session, phone = a_class(), new_phone()
    first = ask(client, session, phone).json()["hold"]

    assert problem(ask(client, session, phone)) == (429, "rate_limited")
    empty_redis()

    assert ask(client, session, phone).json()["hold"] == first
    assert seats(session) == (1, 1)


def test_what_cannot_be_sent_holds_nothing_new_and_keeps_what_was_held(client: Client) -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    ask(client, first, phone)

    assert problem(ask(client, second, phone)) == (429, "rate_limited")

    assert (seats(first), seats(second)) == ((1, 1), (0, 0))


def test_without_redis_nothing_is_held(client: Client, settings) -> None:
    session, phone = a_class(), new_phone()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert problem(ask(client, session, phone)) == (503, "sms_unavailable")

    assert not TrialBooking.objects.exists()
    assert seats(session) == (0, 0)


def test_another_class_moves_the_hold_and_the_code_is_still_good(client: Client) -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    ask(client, first, phone)
    empty_redis()

    asked = ask(client, second, phone).json()

    assert asked["hold"]["session"] == second.public_id
    assert (seats(first), seats(second)) == ((0, 0), (1, 1))
    assert book(client, second, phone, asked["challenge"]).status_code == 201


def test_booking_elsewhere_with_the_same_code_lets_go_of_the_hold(client: Client) -> None:
    first, second, phone = a_class(), a_class(starts_at=at(days=3, hour=9)), new_phone()
    asked = ask(client, first, phone).json()

    assert book(client, second, phone, asked["challenge"]).status_code == 201

    assert (seats(first), seats(second)) == ((0, 0), (1, 0))
    assert TrialBooking.objects.get(session=first).state == "cancelled"


def test_a_call_instead_lets_go_of_it_too(client: Client) -> None:
    session, phone = a_class(), new_phone()
    asked = ask(client, session, phone).json()

    body = {
        "challenge": asked["challenge"],
        "code": last_code(phone),
        "city": "beijing",
        "agreements": documents(client),
    }
    assert post(client, "trial-bookings/", body).json()["status"] == "requested"

    assert seats(session) == (0, 0)


def test_a_refusal_keeps_the_hold(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    asked = ask(client, session, phone).json()

    assert book(client, session, phone, asked["challenge"], agreements=[]).status_code == 409
    assert seats(session) == (1, 1)
    body = {"city": "beijing", "session": session.public_id, "agreements": documents(client)}

    assert post(client, "trial-bookings/", body).status_code == 201
    assert seats(session) == (1, 0)


def test_too_late_in_a_class_that_filled_up_offers_others_without_another_code(client: Client) -> None:
    session, other, phone = a_class(capacity=1), a_class(starts_at=at(days=3, hour=9)), new_phone()
    asked = ask(client, session, phone).json()
    run_out(TrialBooking.objects.get())
    a_seat(session)

    late = book(client, session, phone, asked["challenge"])

    assert problem(late) == (409, "session_full")
    assert [each["id"] for each in late.json()["alternatives"]] == [other.public_id]
    body = {"city": "beijing", "session": other.public_id, "agreements": documents(client)}
    assert post(client, "trial-bookings/", body).status_code == 201


def test_too_late_in_a_class_with_room_books_all_the_same(client: Client) -> None:
    session, phone = a_class(), new_phone()
    asked = ask(client, session, phone).json()
    run_out(TrialBooking.objects.get())

    assert book(client, session, phone, asked["challenge"]).status_code == 201

    assert sorted(TrialBooking.objects.values_list("state", flat=True)) == ["booked", "expired"]


def test_whoever_types_the_number_elsewhere_learns_of_no_hold(client: Client) -> None:
    roomy, full = a_class(), a_class(capacity=1, starts_at=at(days=3, hour=9))
    first, second = new_phone(), new_phone()
    ask(client, roomy, first)
    ask(Client(), full, second)
    empty_redis()
    TrialBooking.objects.filter(session=roomy).update(hold_expires_at=timezone.now() + timedelta(minutes=1))

    of_held = ask(Client(), roomy, first).json()["hold"]
    of_unknown = ask(Client(), roomy, new_phone()).json()["hold"]

    ends = [datetime.fromisoformat(each["expires_at"]) for each in (of_held, of_unknown)]
    assert abs(ends[0] - ends[1]) < timedelta(seconds=10)
    assert (
        problem(ask(Client(), full, second))
        == problem(ask(Client(), full, new_phone()))
        == (409, "session_full")
    )


def test_the_number_may_be_proved_in_another_browser(client: Client) -> None:
    session, phone = a_class(capacity=1), new_phone()
    ask(client, session, phone)
    empty_redis()
    other = Client()
    asked = post(other, "verification-codes/", {"phone": phone, "purpose": "booking"}).json()

    assert book(other, session, phone, asked["challenge"]).status_code == 201


def test_a_guardian_is_shown_no_hold_as_a_booking(client: Client) -> None:
    session, phone = a_class(), new_phone()
    asked = ask(client, session, phone).json()
    hold = TrialBooking.objects.get()

    assert client.get(f"/trial/{hold.public_id}/").status_code == 404
    assert client.get(f"/trial/{hold.public_id}.ics").status_code == 404
    assert client.get(f"/api/v1/trial-bookings/{hold.public_id}/").status_code == 404
    book(client, session, phone, asked["challenge"])
    assert client.get(f"/trial/{hold.public_id}/").status_code == 200
