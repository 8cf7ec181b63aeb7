"""Proof that somebody is who they say: a fresh code to their number, a step-up, papers looked at."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.rights.enums import (
    CLOSED,
    OPEN_TO_ALL,
    Entrance,
    Identity,
    OnBehalf,
    Outcome,
    RequestKind,
    RequestState,
)
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.policies import require_staff
from privacy.rights.services.alarming import sign_out_if_misused
from privacy.rights.services.notices import tell
from privacy.rights.services.reckoning import resume
from privacy.rights.services.replying import fulfil, reply
from privacy.rights.services.steps import happened, held, settle, step
from privacy.rights.wording import NOTHING_HELD

_WEIGHT = {
    Identity.UNKNOWN: 0,
    Identity.SIGNED_IN: 1,
    Identity.NUMBER_PROVED: 2,
    Identity.STEPPED_UP: 3,
    Identity.PAPERS: 3,
}


def is_proved_enough(request: DataSubjectRequest) -> bool:
    """Whether we know well enough who asks to deal with the request (X2 5.8: verify first).

    What staff took down for a ward takes more than a number: the guardian confirms it in the account.
    """
    kinds = {right.kind for right in request.rights.all()}
    if kinds <= set(OPEN_TO_ALL):
        return True
    if request.known and request.entrance == Entrance.STAFF and request.on_behalf == OnBehalf.WARD:
        return request.identity in (Identity.STEPPED_UP, Identity.PAPERS)
    return request.identity != Identity.UNKNOWN


@transaction.atomic
def prove_number(*, request: DataSubjectRequest, subject_id: UUID | None, by: Actor) -> DataSubjectRequest:
    """The number left with the request was just proved by a code; the request as it stands then.

    ``subject_id`` is the account of that number, which the request becomes part of; None where there is
    none: then a person's own request about data is answered at once, truly, that nothing is held. Whoever
    proves it has learned nothing about anybody else's number. Raises RequestMoved for a closed request, or
    one that is another account's.
    """
    row = _open(request)
    if row.known:
        if subject_id != row.subject_id:
            raise RequestMoved(row.state)
        return _stronger(row, Identity.NUMBER_PROVED, by=by)
    if subject_id is not None:
        row.subject_id, row.known = subject_id, True
    _stronger(row, Identity.NUMBER_PROVED, by=by)
    _go_on(row, by=by)
    if row.known:
        sign_out_if_misused(row, by=by)
        _confirm_call(row)
    elif row.on_behalf == OnBehalf.SELF:
        _nothing_is_held(row)
    return held(row.pk)


@transaction.atomic
def add_identity(
    *, request: DataSubjectRequest, identity: Identity, by: Actor, subject_id: UUID | None = None
) -> DataSubjectRequest:
    """Note a stronger proof than the request came with; a weaker one changes nothing.

    Staff note papers they looked at, none of which is kept, and whose account it is with ``subject_id``; a
    step-up is noted by the page where it happened. Raises RequestMoved for a closed request or one that is
    another account's, NotEntitled and RequestRefused for what a person cannot say of themselves.
    """
    row = _open(request)
    if identity == Identity.PAPERS or subject_id is not None:
        require_staff(by)
    if subject_id is not None and subject_id != row.subject_id:
        if row.known:
            raise RequestMoved(row.state)
        row.subject_id, row.known = subject_id, True
    if row.known is False and identity in (Identity.SIGNED_IN, Identity.STEPPED_UP):
        raise RequestRefused("identity", _("还不知道是哪一个账号"))
    _stronger(row, identity, by=by)
    _go_on(row, by=by)
    return row


def _open(request: DataSubjectRequest) -> DataSubjectRequest:
    row = held(request.pk)
    if row.state in CLOSED:
        raise RequestMoved(row.state)
    return row


def _stronger(row: DataSubjectRequest, identity: Identity, *, by: Actor) -> DataSubjectRequest:
    """Raise the proof of a held request; what it belongs to is saved along."""
    if _WEIGHT[identity] > _WEIGHT[Identity(row.identity)]:
        row.identity = identity
    row.save(update_fields=["identity", "subject_id", "known"])
    happened(row, "proved", by=by, note=identity)
    detail = {"identity": identity.value}
    record("request.proved", by=by, subject=row.subject_id, target=row, detail=detail)
    return row


def _go_on(row: DataSubjectRequest, *, by: Actor) -> None:
    """Accept a held request that waited for proof; its clock runs again."""
    if row.state == RequestState.VERIFYING and is_proved_enough(row):
        step(row, RequestState.ACCEPTED, by=by)
        resume(request=row, at=timezone.now())


def _confirm_call(row: DataSubjectRequest) -> None:
    """Write to a caller what staff took down: its name and its day."""
    if row.entrance == Entrance.STAFF:
        day = timezone.localdate(row.due_at)
        tell(row, "rights_received", until=f"{day.month}月{day.day}日")


def _nothing_is_held(row: DataSubjectRequest) -> None:
    """Answer what concerns the person's own data: there is none. What else was asked stays with staff."""
    happened(row, "nothing_held", by=SYSTEM)
    own = row.rights.filter(outcome=Outcome.PENDING).exclude(kind__in=OPEN_TO_ALL)
    if row.state != RequestState.ACCEPTED or not own:
        return
    for right in own:  # who asked to see has seen; there is nothing to correct, delete or take away
        settle(right, Outcome.GRANTED if right.kind == RequestKind.ACCESS else Outcome.DROPPED)
    if row.rights.filter(outcome=Outcome.PENDING).exists():
        reply(request=row, body=NOTHING_HELD, final=False, by=SYSTEM)
    else:
        fulfil(request=row, body=NOTHING_HELD, tell_them=True)
