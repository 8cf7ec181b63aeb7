"""How a request shows whose number it is: by a code tried now, or by one proved just before."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.browser import keep_proof, nonce, proof_in
from accounts.enums import CodePurpose
from accounts.exceptions import CodeInvalid, NoProof
from accounts.models import VerificationCode
from accounts.services.codes import Try, latest_open_code, recently_proved, verify_code
from kit.client_address import client_address


def attempt(
    request: HttpRequest, *, challenge: str, code: str, purpose: CodePurpose, phone: str | None = None
) -> Try:
    """What this request tries. A page opened before its code was sent in another tab names no challenge."""
    browser = nonce(request)
    if not challenge and (row := latest_open_code(browser=browser, purpose=purpose)):
        challenge = row.challenge
    return Try(challenge=challenge, code=code, purpose=purpose, browser=browser, phone=phone)


def prove(request: HttpRequest, tried: Try, *, repeats: bool = False) -> VerificationCode:
    """The proof that the try gives, kept in this browser. Raises CodeInvalid, CodeExhausted, LimitReached.

    A code opens once. What came of it may be asked for again within ten minutes: by the browser whose
    session holds the unspent proof, and with ``repeats`` by a repeated post, whose effect is then looked up.
    """
    try:
        row = verify_code(tried, address=client_address(request))
    except CodeInvalid:
        earlier = recently_proved(tried)
        kept = proof_in(request)
        if earlier is None or not (repeats or (kept and kept.pk == earlier.pk)):
            raise
        return earlier
    keep_proof(request, row)
    return row


def kept_proof(request: HttpRequest) -> VerificationCode:
    """The proof given in this browser just before. Raises NoProof."""
    row = proof_in(request)
    if row is None:
        raise NoProof
    return row
