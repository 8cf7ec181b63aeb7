"""What one browser is remembered by: its nonce, its proof, who is signed in. Never a number or a code."""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.enums import UserKind
from accounts.models import User, VerificationCode
from accounts.services.codes import proof
from accounts.services.guardians import note_login, note_logout

_PROOF = "proof"
_NONCE = re.compile(r"[A-Za-z0-9_-]{22}")
_NONCE_AGE = 3600  # seconds; a code and its proof live for twenty minutes at the most
COOKIE = "__Host-browser" if settings.HTTPS else "browser"


def nonce(request: HttpRequest) -> str:
    """The browser's nonce, empty before it first asked for a code.

    It stands in a cookie of its own: the session's key changes at login, and a second tap that was on its
    way by then still comes from the same browser.
    """
    told = getattr(request, "new_nonce", None) or request.COOKIES.get(COOKIE, "")
    return told if _NONCE.fullmatch(told) else ""


def ensure_nonce(request: HttpRequest) -> str:
    """The browser's nonce, made now if need be; `remember_browser` then gives it to the browser."""
    if not nonce(request):
        request.new_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]  # ours, until the response
    return nonce(request)


def remember_browser(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser the nonce that `ensure_nonce` made for it, if it made one."""
    made = getattr(request, "new_nonce", None)
    if made:
        response.set_cookie(
            COOKIE, made, max_age=_NONCE_AGE, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )


def forget_browser(request: HttpRequest, response: HttpResponseBase) -> None:
    """Sign out, and take the nonce back."""
    sign_out(request)
    response.delete_cookie(COOKIE, samesite="Lax")


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
