"""A request to book, whichever door it came by: whose number, then the booking."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.browser import guardian_in, sign_in
from accounts.door import kept_proof, prove
from accounts.exceptions import NoProof
from accounts.models import User, VerificationCode
from accounts.services.codes import Try
from accounts.services.guardians import find_guardian
from enrollment.exceptions import AlreadyBooked, BookedByOther
from enrollment.models import TrialBooking
from enrollment.services.bookings import request_trial, request_trial_by_proof
from enrollment.services.holds import release_holds
from enrollment.services.wishes import TrialRequest
from privacy.rights.exceptions import UseBarred


def book(request: HttpRequest, wish: TrialRequest, tried: Try | None) -> TrialBooking:
    """Book, and sign the guardian in.

    Raises CodeInvalid, CodeExhausted, LimitReached and NoProof before anything is written, and what
    `request_trial_by_proof` raises; the proof then stays good, so that another class, or the same one a
    moment later, needs no second message.
    """
    guardian, proof = guardian_in(request), None
    if tried is not None:
        proof = prove(request, tried, repeats=True)
    elif guardian is None:
        proof = kept_proof(request)
    try:
        booking = _book(guardian, proof, wish)
    except (AlreadyBooked, BookedByOther, UseBarred):
        # Whoever asked, never whoever booked what stands: a child may have two guardians.
        asked = find_guardian(phone=proof.phone) if proof else guardian
        if asked is not None:
            sign_in(request, asked)
        raise
    sign_in(request, booking.guardian)
    return booking


def _book(guardian: User | None, proof: VerificationCode | None, wish: TrialRequest) -> TrialBooking:
    if proof is not None:
        booking = request_trial_by_proof(proof=proof, request=wish)
        release_holds(phone=proof.phone)  # what was kept elsewhere while the code was on its way
        return booking
    if guardian is None:
        raise NoProof
    return request_trial(guardian=guardian, request=wish)
