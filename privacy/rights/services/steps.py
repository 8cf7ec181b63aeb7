"""The one place where a request's state changes: locked, on record, in the caller's transaction."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.enums import CLOSED, TRANSITIONS, Outcome, RequestState
from privacy.rights.exceptions import RequestMoved, RequestUnknown
from privacy.rights.models import DataSubjectRequest, Refusal, RequestedRight, RequestEvent


def held(request_id: UUID) -> DataSubjectRequest:
    """The request, held until the transaction ends. Raises RequestUnknown."""
    request = DataSubjectRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
    if request is None:
        raise RequestUnknown
    return request


def step(request: DataSubjectRequest, to: RequestState, *, by: Actor, note: str = "") -> None:
    """Move a held request on. Raises RequestMoved where the table of steps has no such step."""
    since = RequestState(request.state)
    if to not in TRANSITIONS[since]:
        raise RequestMoved(since)
    request.state = to
    request.closed_at = timezone.now() if to in CLOSED else None
    request.save(update_fields=["state", "closed_at"])
    happened(request, to, by=by, note=note)
    record(f"request.{to}", by=by, subject=request.subject_id, target=request)


def happened(request: DataSubjectRequest, what: str, *, by: Actor, note: str = "") -> RequestEvent:
    """Write down what happened to a request, such as a warning or a question."""
    return RequestEvent.objects.create(
        request=request, what=what, note=note, actor_kind=by.kind, actor_id=by.id
    )


def settle(right: RequestedRight, outcome: Outcome) -> None:
    """Say what became of one right of a held request; a refusal that nobody approved goes."""
    Refusal.objects.filter(right=right, approved_at=None).delete()
    right.outcome = outcome
    right.settled_at = None if outcome == Outcome.PENDING else timezone.now()
    right.save(update_fields=["outcome", "settled_at"])


def drop_pending(request: DataSubjectRequest) -> None:
    """Nobody wants what is left of a held request any more."""
    for right in request.rights.filter(outcome=Outcome.PENDING):
        settle(right, Outcome.DROPPED)
