"""What one browser's session remembers: its nonce, its proof, who is signed in. Never a number or a code."""

from __future__ import annotations

import secrets

from django.contrib.auth import login, logout
from django.http import HttpRequest

from accounts.enums import UserKind
from accounts.models import User, VerificationCode
from accounts.services.codes import proof
from accounts.services.guardians import note_login, note_logout

_NONCE, _PROOF = "browser", "proof"


def nonce(request: HttpRequest) -> str:
    """The browser's nonce, empty before it first asked for a code."""
    return str(request.session.get(_NONCE, ""))


def ensure_nonce(request: HttpRequest) -> str:
    """The browser's nonce, made now if need be: this starts the session."""
    if not nonce(request):
        request.session[_NONCE] = secrets.token_urlsafe(16)
    return nonce(request)


def keep_proof(request: HttpRequest, row: VerificationCode) -> None:
    """Remember that this browser has proved a number, for ten minutes."""
    request.session[_PROOF] = str(row.pk)


def proof_in(request: HttpRequest) -> VerificationCode | None:
    """The proof this browser gave within the last ten minutes, if it has not been spent."""
    code_id = request.session.get(_PROOF)
    return proof(code_id=code_id, browser=nonce(request)) if code_id else None


def guardian_in(request: HttpRequest) -> User | None:
    """The guardian signed in, or None: staff come in by another door and book for nobody here."""
    user = request.user
    return user if isinstance(user, User) and user.kind == UserKind.GUARDIAN else None


def sign_in(request: HttpRequest, user: User) -> None:
    """Start a session of ``user``'s under a new key, and spend the proof."""
    already = guardian_in(request)
    request.session.pop(_PROOF, None)
    if already and already.pk == user.pk:
        return
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    note_login(user=user, by_code=True)


def sign_out(request: HttpRequest) -> None:
    """End the session and forget all it held."""
    user = request.user
    if isinstance(user, User):
        note_logout(user=user)
    logout(request)
