"""Whatever booking may refuse is answered by the page and by the API, and with the same status."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from rest_framework.request import Request

from enrollment import exceptions
from enrollment.api_problems import BOOKING_ERRORS, as_problem
from enrollment.models import TrialBooking, WaitlistEntry
from enrollment.trial_refusals import REFUSED, refusal_of
from privacy.consent.exceptions import AgreementsRequired, DocumentStale
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from tests.families import a_seat
from tests.places import a_class

pytestmark = pytest.mark.django_db(databases="__all__")

# What only later steps of a booking raise.
LATER = {exceptions.NoOffer, exceptions.TooLate, exceptions.TooEarly, exceptions.StateChanged}
# What services answer themselves: the code is sent without a hold, a seat is taken in the place of one.
WITHIN = {exceptions.HoldsFull, exceptions.HoldTooLate}
# What staff meet who change a class.
STAFF = {exceptions.ClassRefused, exceptions.ClassFixed}
RAISED: dict[type[Exception], Callable[[TrialBooking], Exception]] = {
    exceptions.AlreadyBooked: exceptions.AlreadyBooked,
    exceptions.TooManyLive: lambda booking: exceptions.TooManyLive(booking, 5),
    exceptions.TooManyOfCourse: lambda booking: exceptions.TooManyOfCourse(booking, 3),
    exceptions.BookedByOther: lambda booking: exceptions.BookedByOther(booking.session),
    exceptions.TooManyThisYear: lambda booking: exceptions.TooManyThisYear(booking.campus, 24),
    exceptions.IdempotencyConflict: lambda booking: exceptions.IdempotencyConflict(),
    exceptions.SessionGone: lambda booking: exceptions.SessionGone(booking.session),
    exceptions.SessionFull: lambda booking: exceptions.SessionFull(booking.session),
    exceptions.SessionClosed: lambda booking: exceptions.SessionClosed(booking.session),
    exceptions.SessionChanged: lambda booking: exceptions.SessionChanged(booking.session),
    exceptions.SessionElsewhere: lambda booking: exceptions.SessionElsewhere(),
    exceptions.AgeUnsuitable: lambda booking: exceptions.AgeUnsuitable(booking.session, 20),
    exceptions.SeatFree: lambda booking: exceptions.SeatFree(booking.session),
    exceptions.AlreadyWaiting: lambda booking: exceptions.AlreadyWaiting(
        WaitlistEntry(guardian=booking.guardian)
    ),
    exceptions.TooManyWaiting: lambda booking: exceptions.TooManyWaiting(5),
    exceptions.Busy: lambda booking: exceptions.Busy(),
}


def test_every_exception_of_booking_is_known_here() -> None:
    module = import_module("enrollment.exceptions")
    own = {kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Exception)}

    assert own - LATER - WITHIN - STAFF == set(RAISED)


@pytest.mark.parametrize(
    "kind", [*RAISED, AgreementsRequired, DocumentStale, ChildInvalid, ChildUnknown], ids=lambda k: k.__name__
)
def test_page_and_api_both_catch_it(kind: type[Exception]) -> None:
    assert issubclass(kind, REFUSED)
    assert issubclass(kind, BOOKING_ERRORS)


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_page_and_api_answer_it_alike(kind: type[Exception]) -> None:
    error = RAISED[kind](a_seat(a_class()))
    plain = RequestFactory().post("/")
    plain.user = AnonymousUser()

    problem, refusal = as_problem(error, Request(plain)), refusal_of(error)

    assert (problem.status_code, problem.retry_after) == (refusal.status, refusal.retry_after)
    assert problem.code != "agreements_required"
    assert refusal.words
