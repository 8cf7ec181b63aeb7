"""A request to book, whichever door it came by: whose number, then the booking."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.browser import guardian_in, sign_in
from accounts.door import kept_proof, prove
from accounts.services.codes import Try
from enrollment.exceptions import AlreadyBooked
from enrollment.models import TrialBooking
from enrollment.services.bookings import TrialRequest, request_trial, request_trial_by_proof


def book(request: HttpRequest, wish: TrialRequest, tried: Try | None) -> TrialBooking:
    """Book, and sign the guardian in.

    Raises CodeInvalid, CodeExhausted, LimitReached and NoProof before anything is written, and what
    `request_trial_by_proof` raises; the proof then stays good, so that another class, or the same one a
    moment later, needs no second message.
    """
    guardian = guardian_in(request)
    try:
        if tried is not None:
            booking = request_trial_by_proof(proof=prove(request, tried, repeats=True), request=wish)
        elif guardian is not None:
            booking = request_trial(guardian=guardian, request=wish)
        else:
            booking = request_trial_by_proof(proof=kept_proof(request), request=wish)
    except AlreadyBooked as already:
        sign_in(request, already.booking.guardian)
        raise
    sign_in(request, booking.guardian)
    return booking
