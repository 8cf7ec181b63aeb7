"""Whose erasure a request asks for, and who may begin it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth import get_user_model

from privacy import ports
from privacy.actors import Actor
from privacy.erasure.enums import Reason, Scope
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.wording import NOBODY, NOT_A_GUARDIAN, OTHER_RIGHTS, SHARED_CHILD
from privacy.minors.services import guardians_of
from privacy.rights.enums import ERASING, RIGHTS, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved
from privacy.rights.models import DataSubjectRequest
from privacy.rights.policies import require_staff, require_theirs

# What a person decides alone: to leave, and what somebody under age filled in alone (X1 6-3, X2 5.4).
AT_ONCE = (Reason.CLOSED, Reason.MINOR_ALONE)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Who is to go; ``guardian_id`` is who asks for a ward."""

    subject_id: UUID
    scope: Scope
    guardian_id: UUID | None = None


def target_of(request: DataSubjectRequest, of: UUID | None = None) -> Target:
    """Whose erasure it is. Raises ErasureRefused where nobody is known."""
    if request.on_behalf == OnBehalf.WARD:
        if request.concerning_id is None or not request.known:
            raise ErasureRefused(str(NOBODY))
        return Target(subject_id=request.concerning_id, scope=Scope.CHILD, guardian_id=request.subject_id)
    if request.on_behalf == OnBehalf.DECEASED or not request.known:
        if of is None:
            raise ErasureRefused(str(NOBODY))
        return Target(subject_id=of, scope=Scope.PERSON)
    return Target(subject_id=request.subject_id, scope=Scope.PERSON)


def refuse_unentitled(request: DataSubjectRequest, target: Target, by: Actor, reason: Reason) -> None:
    """Raise ErasureRefused or RequestMoved unless ``by`` may begin this now; the request is held."""
    pending = set(request.rights.filter(outcome=Outcome.PENDING).values_list("kind", flat=True))
    if not pending & set(ERASING):
        raise RequestMoved(request.state)
    if pending & set(RIGHTS) - set(ERASING):
        raise ErasureRefused(str(OTHER_RIGHTS))
    _refuse_nobody(target)
    if by.kind == "system":
        return
    if by.kind == "guardian":
        require_theirs(request, by)
        _refuse_undecided(request, target, reason, pending)
        return
    require_staff(by)
    if request.state != RequestState.APPROVED:
        raise RequestMoved(request.state)


def _refuse_undecided(request: DataSubjectRequest, target: Target, reason: Reason, pending: set[str]) -> None:
    """What somebody has to approve does not begin by the person's own hand."""
    if request.state not in (RequestState.ACCEPTED, RequestState.APPROVED):
        raise RequestMoved(request.state)
    if target.scope == Scope.CHILD:
        if target.subject_id not in ports.get("wards").alone(request.subject_id):
            raise ErasureRefused(str(SHARED_CHILD))
        return
    if request.state == RequestState.APPROVED or RequestKind.CLOSE_ACCOUNT in pending:
        return
    if reason not in AT_ONCE:
        raise RequestMoved(request.state)


def _refuse_nobody(target: Target) -> None:
    if target.scope == Scope.CHILD:
        if not guardians_of(children=[target.subject_id]):
            raise ErasureRefused(str(NOBODY))
        return
    person = get_user_model()._default_manager.filter(pk=target.subject_id).first()
    if person is None:
        raise ErasureRefused(str(NOBODY))
    if getattr(person, "is_staff", False):
        raise ErasureRefused(str(NOT_A_GUARDIAN))
