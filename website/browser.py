"""What a browser whose account is gone still knows: the requests by which it went, to see how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import logout
from django.http import HttpRequest

_ERASED = "erased"
_MOST = 5  # requests; nobody closes more accounts on one telephone


def leave_erased(request: HttpRequest, public_id: str) -> None:
    """Sign out without a trace of who was in, and remember the request under a new session."""
    known = erased_here(request)
    logout(request)
    request.session[_ERASED] = [*known, public_id][-_MOST:]


def erased_here(request: HttpRequest) -> Sequence[str]:
    """Public ids of the requests that ended an account in this browser, the newest last."""
    return list(request.session.get(_ERASED, ()))
