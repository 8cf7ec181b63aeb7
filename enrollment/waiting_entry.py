"""A request to wait for a full class, whichever door it came by: whose number, then the place in line."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from accounts.browser import guardian_in, sign_in
from accounts.door import kept_proof, prove
from accounts.models import VerificationCode
from accounts.services.codes import Try
from accounts.services.guardians import find_guardian
from enrollment.exceptions import AlreadyBooked, AlreadyWaiting, BookedByOther
from enrollment.models import ClassSession, WaitlistEntry
from enrollment.services.holds import release_holds
from enrollment.services.waiting import wait_by_proof, wait_signed_in
from enrollment.services.wishes import TrialRequest
from privacy.rights.exceptions import UseBarred


def wait(
    request: HttpRequest, sessions: Sequence[ClassSession], wish: TrialRequest, tried: Try | None
) -> WaitlistEntry:
    """Join the waiting list, and sign the guardian in.

    Raises CodeInvalid, CodeExhausted, LimitReached and NoProof before anything is written, and what
    `wait_by_proof` raises; the proof then stays good.
    """
    guardian = guardian_in(request)
    if tried is None and guardian is not None:
        return wait_signed_in(guardian=guardian, sessions=sessions, request=wish)
    proof = kept_proof(request) if tried is None else prove(request, tried, repeats=True)
    try:
        entry = wait_by_proof(proof=proof, sessions=sessions, request=wish)
    except (AlreadyBooked, AlreadyWaiting, BookedByOther, UseBarred):
        _let_in(request, proof)
        raise
    release_holds(phone=proof.phone)  # what was kept elsewhere while the code was on its way
    sign_in(request, entry.guardian)
    return entry


def _let_in(request: HttpRequest, proof: VerificationCode) -> None:
    """Whoever holds the number may see what they have already."""
    if guardian := find_guardian(phone=proof.phone):
        sign_in(request, guardian)
