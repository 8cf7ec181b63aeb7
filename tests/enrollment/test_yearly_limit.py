"""At most so many trials of one guardian within twelve months; what was given back does not count."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from enrollment.exceptions import TooManyThisYear
from enrollment.models import ClassSession, TrialBooking
from enrollment.services import bookings, seats
from enrollment.services.cancelling import cancel_trial
from tests.enrollment.test_class_api import body, post, problem
from tests.enrollment.test_seats_parallel import queued_for
from tests.enrollment.test_trial_classes import fields
from tests.families import a_guardian, a_seat, a_wish, acting
from tests.places import a_campus, a_class, a_course, at
from tests.siblings import a_party

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture(autouse=True)
def _two_a_year(settings: Any) -> None:
    settings.TRIALS_A_YEAR = 2


@pytest.fixture
def guardian() -> User:
    return a_guardian()


def classes() -> Iterator[ClassSession]:
    """One after the other, each at another campus and of another course."""
    for number in range(1, 8):
        course = a_course(f"course-{number}", ages=(0, 200))
        yield a_class(campus=a_campus(number), course=course, starts_at=at(days=2, hour=8 + number))


def test_one_more_than_the_limit_is_refused_and_the_campus_may_know_a_way(guardian: User) -> None:
    first, second, third, *_ = classes()
    a_seat(first, guardian)
    a_seat(second, guardian)

    with pytest.raises(TooManyThisYear) as refusal:
        a_seat(third, guardian)

    assert (refusal.value.most, refusal.value.campus) == (2, third.campus)
    assert TrialBooking.objects.count() == 2
    assert a_seat(third).state == "booked"


def test_what_was_given_back_does_not_count(guardian: User) -> None:
    first, second, third, *_ = classes()
    a_seat(first, guardian)
    cancel_trial(booking=a_seat(second, guardian), by=acting(guardian))

    assert a_seat(third, guardian).state == "booked"


def test_what_is_a_year_old_does_not_count(guardian: User) -> None:
    first, second, third, fourth, *_ = classes()
    old, recent = a_seat(first, guardian), a_seat(second, guardian)
    for booking, days in ((old, 366), (recent, 364)):
        made = timezone.now() - timedelta(days=days)
        TrialBooking.objects.filter(pk=booking.pk).update(created_at=made)

    assert a_seat(third, guardian).state == "booked"
    with pytest.raises(TooManyThisYear):
        a_seat(fourth, guardian)


def test_each_sibling_counts(guardian: User) -> None:
    first, second, *_ = classes()
    a_seat(first, guardian)

    with pytest.raises(TooManyThisYear):
        a_party(second, 2, guardian)
    with pytest.raises(TooManyThisYear):
        a_party(second, 3)

    assert a_party(second, 2).party_id


def test_nought_is_no_limit_and_a_call_is_no_trial(guardian: User, settings: Any) -> None:
    first, second, third, *_ = classes()
    a_seat(first, guardian)
    a_seat(second, guardian)

    call = bookings.request_trial(guardian=guardian, request=a_wish())
    settings.TRIALS_A_YEAR = 0

    assert call.state == "requested"
    assert a_seat(third, guardian).state == "booked"


# At the same moment, at campuses far from each other


def race(guardian: User) -> list[Any]:
    """One seat is left this year; both saw it, and each wants a class of its own."""
    first, second, third, *_ = classes()
    a_seat(first, guardian)
    return queued_for([second, third], [lambda: a_seat(second, guardian), lambda: a_seat(third, guardian)])


@pytest.fixture
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy the machine is, is nothing these tests ask about."""
    monkeypatch.setattr(seats, "LOCK_WAIT", 60.0)


@pytest.mark.usefixtures("_patience")
def test_parallel_bookings_elsewhere_do_not_pass_it(guardian: User) -> None:
    outcomes = race(guardian)

    assert Counter(type(each) for each in outcomes) == {TrialBooking: 1, TooManyThisYear: 1}
    assert TrialBooking.objects.filter(guardian=guardian).count() == 2


@pytest.mark.usefixtures("_patience")
def test_the_same_race_without_the_guardians_row_passes_it(
    guardian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is all that stands between: a count alone sees nothing of what is not committed."""
    monkeypatch.setattr(bookings, "lock", lambda guardian: None)

    race(guardian)

    assert TrialBooking.objects.filter(guardian=guardian).count() == 3


# The page and the API


def test_page_and_api_say_it_with_the_number_of_the_campus(guardian: User, client: Client) -> None:
    first, second, third, *_ = classes()
    a_seat(first, guardian)
    a_seat(second, guardian)
    client.force_login(guardian)
    page = client.get(f"/trial/?session={third.public_id}").content.decode()

    refused = client.post("/trial/", {**fields(page), "agree_terms": "on", "agree_privacy": "on"})
    answer = post(client, "trial-bookings/", body(client, third))

    assert refused.status_code == 409
    assert "一年里最多约 2 节" in refused.content.decode()
    assert third.campus.phone in refused.content.decode()
    assert problem(answer) == (409, "already_booked")
    assert third.campus.phone in answer.json()["detail"]
    assert "booking" not in answer.json()
