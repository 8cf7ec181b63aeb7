"""What an officer lets a function do for a request, and the reply that says so."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.consent.enums import Channel
from privacy.rights.enums import Entrance, Identity, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.export.making import request_export
from privacy.rights.services.replying import fulfil
from privacy.rights.services.restricting import restrict
from privacy.rights.services.withdrawing import withdraw_all
from privacy.rights.wording import GRANTED


def _restrict(request: DataSubjectRequest, by: Actor) -> None:
    """It answers the request itself."""
    restrict(request=request, by=by)


def _export(request: DataSubjectRequest, by: Actor) -> None:
    """The worker that makes the copy grants the right."""
    request_export(request=request)


def _withdraw(request: DataSubjectRequest, by: Actor) -> None:
    """The deletion that follows is a request of its own."""
    subject, identity = request.subject_id, Identity(request.identity)
    withdraw_all(subject_id=subject, by=by, channel=Channel.STAFF, entrance=Entrance.STAFF, identity=identity)
    fulfil(
        request=request,
        body=GRANTED[RequestKind.WITHDRAW],
        kinds=[RequestKind.WITHDRAW],
        by=by,
        tell_them=True,
    )


_RUNS: dict[RequestKind, Callable[[DataSubjectRequest, Actor], None]] = {
    RequestKind.RESTRICT: _restrict,
    RequestKind.EXPORT: _export,
    RequestKind.WITHDRAW: _withdraw,
}
# What the functions act on is the account of whoever asks, and the children in its care. A consent for a
# child goes with the child, which its guardian takes out of the account; of the dead we know no account.
_RUNNABLE: dict[OnBehalf, tuple[RequestKind, ...]] = {
    OnBehalf.SELF: tuple(_RUNS),
    OnBehalf.WARD: (RequestKind.RESTRICT, RequestKind.EXPORT),
    OnBehalf.DECEASED: (),
}


def can_run(request: DataSubjectRequest, kind: str) -> bool:
    """Whether a function does what that right of the request is about, to those it is about."""
    return request.known and kind in _RUNNABLE[OnBehalf(request.on_behalf)]


@transaction.atomic
def run(*, request: DataSubjectRequest, kind: str, by: Actor) -> None:
    """Let the function of that right act for a held request whose person is known.

    Raises RequestRefused where none does, or nobody is known, and RequestMoved where it is done already.
    """
    if not can_run(request, kind):
        raise RequestRefused("kind", _("这一项没有可以直接执行的功能"))
    pending = request.rights.filter(kind=kind, outcome=Outcome.PENDING)
    if request.state != RequestState.ACCEPTED or not pending.exists():
        raise RequestMoved(request.state)
    _RUNS[RequestKind(kind)](request, by)
