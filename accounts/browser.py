"""What one browser is remembered by: its nonce, its proof, who is signed in. Never a number or a code."""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.enums import UserKind
from accounts.models import User, VerificationCode
from accounts.services.codes import PROOF_LIFETIME, browser_binding, proof
from accounts.services.guardians import guardian_of, note_login, note_logout
from privacy.keystore.services import let_own

_PROOF = "proof"
_PROVED = "proved"  # whose number was proved in this session, when, and in which browser
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


class ByCode(BaseBackend):
    """Whose session it is, of those who came in by a code: somebody suspended stays themselves.

    What they may do then is asked of `guardian_in` and `holder_in`.
    """

    def get_user(self, user_id: UUID | str) -> User | None:
        """The guardian of a session."""
        return guardian_of(user_id)


def holder_in(request: HttpRequest) -> User | None:
    """The guardian signed in, suspended or not, where they deal with their own information.

    A suspended account books nothing and keeps every right to what is held about it (PIPL 44 to 50).
    """
    user = request.user
    if not isinstance(user, User) or user.kind != UserKind.GUARDIAN:
        return None
    let_own(user.pk)  # what they had restricted is still theirs to see, take and correct
    return user


def guardian_in(request: HttpRequest) -> User | None:
    """The guardian signed in, or None: staff come in by another door and book for nobody here."""
    user = holder_in(request)
    return user if user and user.is_active else None


def sign_in(request: HttpRequest, user: User) -> None:
    """Start a session of ``user``'s under a new key, and spend the proof."""
    already = holder_in(request)
    request.session.pop(_PROOF, None)
    if already and already.pk == user.pk:
        return
    login(request, user, backend="accounts.browser.ByCode")
    note_login(user=user, by_code=True)


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """Keep this one session of ``user``'s where all of theirs were just ended by what they did in it."""
    user.refresh_from_db()
    update_session_auth_hash(request, user)


def note_proved(request: HttpRequest, user: User, row: VerificationCode) -> None:
    """Remember that whoever is signed in as ``user`` proved the number of that account by ``row``, here.

    A session's cookie copied before the code was asked for gains nothing by it: the nonce came later.
    """
    at, browser = row.consumed_at or timezone.now(), browser_binding(nonce(request))
    proved = {"user": str(user.pk), "at": at.timestamp(), "code": str(row.pk), "browser": browser}
    request.session[_PROVED] = proved


def proved_lately(request: HttpRequest) -> bool:
    """Whether the number of the account signed in was proved in this very browser within ten minutes."""
    user, kept = holder_in(request), request.session.get(_PROVED)
    if user is None or not kept or kept["user"] != str(user.pk):
        return False
    if kept.get("browser") != browser_binding(nonce(request)):
        return False
    return bool(timezone.now().timestamp() - kept["at"] < PROOF_LIFETIME.total_seconds())


def proof_of_holder(request: HttpRequest) -> VerificationCode | None:
    """The code by which that was shown, for what keeps it as its ground."""
    if not proved_lately(request):
        return None
    return proof(code_id=request.session[_PROVED]["code"], browser=nonce(request))


def sign_out(request: HttpRequest) -> None:
    """End the session and forget all it held."""
    user = request.user
    if isinstance(user, User):
        note_logout(user=user)
    logout(request)
