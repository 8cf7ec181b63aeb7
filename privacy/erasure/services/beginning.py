"""The beginning of an erasure: from then on nobody reads anything of the person, and a worker goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy import ports
from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.erasure.enums import JobState, Reason, Scope, StepState
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.models import ErasureJob, ErasureStep, ErasureSubject, RecipientNotice, Suppression
from privacy.erasure.services.entitling import Target, refuse_unentitled, target_of
from privacy.erasure.services.nudging import nudge
from privacy.erasure.services.numbered import drop_reached_by_number
from privacy.erasure.services.planning import Line, preview, subjects_of
from privacy.erasure.wording import ALREADY, CHANGED
from privacy.inventory import registry
from privacy.keystore import ledger
from privacy.keystore.services import freeze_keys, restricted_allowed
from privacy.minors.models import GuardianInvitation
from privacy.rights.enums import OPEN_TO_ALL, RIGHTS, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.restricting import hold_all
from privacy.rights.services.steps import drop_pending, held, step

STEPS = (
    "begin",
    "bury",
    "keys",
    "exports",
    "stores",
    "children",
    "rows",
    "unlink",
    "account",
    "keyrows",
    "check",
    "certify",
)
_GIVEN_UP = (RequestState.RECEIVED, RequestState.VERIFYING, RequestState.NEED_INFO, RequestState.ACCEPTED)


@transaction.atomic
def begin(
    *,
    request: DataSubjectRequest,
    by: Actor,
    reason: Reason,
    digest: str | None = None,
    of: UUID | None = None,
) -> ErasureJob:
    """Begin the erasure that a request asks for; done by workers, soon after the transaction commits.

    ``digest`` is that of the preview somebody approved: what changed since is looked at again. ``of`` names
    whose account it is where the request is about somebody else, such as a relative who died. Raises
    ErasureRefused, and RequestMoved where the request stands elsewhere by now.
    """
    target = target_of(request, of)
    hold_all([target.subject_id, *filter(None, [target.guardian_id])])
    row = held(request.pk)
    refuse_unentitled(row, target, by, reason)
    job = _opened(target, reason, by, request=row, digest=digest)
    step(row, RequestState.EXECUTING, by=by)
    _begun(job, target, by)
    return job


@transaction.atomic
def begin_unasked(
    *,
    subject_id: UUID,
    scope: Scope,
    reason: Reason,
    by: Actor = SYSTEM,
    aliases: Mapping[UUID, UUID] | None = None,
) -> ErasureJob:
    """Begin an erasure that no request asks for, such as one done again in a restored database.

    ``aliases``: by subject, where they were given before. Raises ErasureRefused.
    """
    target = Target(subject_id=subject_id, scope=scope)
    hold_all([subject_id])
    job = _opened(target, reason, by, aliases=aliases or {})
    _begun(job, target, by)
    return job


def _opened(
    target: Target,
    reason: Reason,
    by: Actor,
    *,
    request: DataSubjectRequest | None = None,
    digest: str | None = None,
    aliases: Mapping[UUID, UUID] | None = None,
) -> ErasureJob:
    """The job with whom it is about, its plan and its steps, while the guardian is held."""
    if ErasureSubject.objects.filter(subject_id=target.subject_id, job__state__in=_AT_IT).exists():
        raise ErasureRefused(str(ALREADY))
    _close_invitations(target)
    plan = preview(subject_id=target.subject_id, by=SYSTEM, scope=target.scope)
    if digest not in (None, plan.digest):
        raise ErasureRefused(str(CHANGED))
    job = ErasureJob(
        request=request,
        scope=target.scope,
        reason=reason,
        subject_id=target.subject_id,
        digest=plan.digest,
        plan=[_as_written(line) for line in plan.lines],
        begun_by=by.id,
    )
    with restricted_allowed({target.subject_id}):
        job.numbers = "\n".join(_numbers(target)) or None
    job.save(force_insert=True)
    for subject in subjects_of(target.subject_id, target.scope):
        kind = "guardian" if target.scope == Scope.PERSON and subject == target.subject_id else "child"
        alias = (aliases or {}).get(subject) or uuid7()
        ErasureSubject.objects.create(job=job, kind=kind, subject_id=subject, alias=alias)
    ErasureStep.objects.bulk_create(
        ErasureStep(job=job, name=name, position=position) for position, name in enumerate(STEPS)
    )
    _to_tell(job, plan.lines)
    return job


_AT_IT = (JobState.QUEUED, JobState.RUNNING)


def _begun(job: ErasureJob, target: Target, by: Actor) -> None:
    """End the service, close the account, freeze the keys last: what breaks off before changed nothing."""
    subjects = list(job.subjects.order_by("pk"))
    guardian = next((one for one in subjects if one.kind == "guardian"), None)
    with restricted_allowed({target.subject_id}):
        ports.get("service_of").end_service(target.subject_id, by)
        rows = drop_reached_by_number(target.subject_id) if guardian else 0
        if guardian is not None:
            _suppress(job, guardian.alias)
            ports.get("account_of").close(target.subject_id, by)
            _give_up_others(target.subject_id, job, by)
    record("erasure.begun", by=by, subject=target.subject_id, target=job, detail={"reason": job.reason})
    ErasureStep.objects.filter(job=job, name="begin").update(
        state=StepState.DONE, done_at=timezone.now(), rows=rows, attempts=1
    )
    for one in subjects:
        if one.subject_id is not None:
            freeze_keys(one.subject_id)
    transaction.on_commit(partial(nudge, job.pk))


def _numbers(target: Target) -> Sequence[str]:
    return ports.get("account_of").numbers(target.subject_id) if target.scope == Scope.PERSON else ()


def _suppress(job: ErasureJob, alias: UUID) -> None:
    for number in (job.numbers or "").split():
        Suppression.objects.create(number_mac=ledger.keyed("suppression", number), alias=alias)


def _close_invitations(target: Target) -> None:
    """Nobody joins a child that is going."""
    going = subjects_of(target.subject_id, target.scope)
    GuardianInvitation.objects.filter(child_id__in=going).unanswered().update(withdrawn_at=timezone.now())


def _give_up_others(subject_id: UUID, job: ErasureJob, by: Actor) -> None:
    """What they still wanted done with data that is going: nobody can do it any more."""
    others = DataSubjectRequest.objects.of(subject_id).filter(state__in=_GIVEN_UP)
    for one in others.exclude(erasures=job).order_by("pk"):
        row = held(one.pk)
        pending = set(row.rights.filter(outcome="pending").values_list("kind", flat=True))
        if row.state in _GIVEN_UP and pending and pending <= set(RIGHTS) - set(OPEN_TO_ALL):
            step(row, RequestState.WITHDRAWN, by=by)
            drop_pending(row)


def _to_tell(job: ErasureJob, lines: Iterable[Line]) -> None:
    """Who got something of what is held has to delete it too (PIPL 21, 47)."""
    names = dict.fromkeys(name for line in lines for name in line.recipients)
    RecipientNotice.objects.bulk_create(
        RecipientNotice(job=job, recipient=name, title=registry.recipients[name].title) for name in names
    )


def _as_written(line: Line) -> dict[str, object]:
    return {
        "model": line.model,
        "title": line.title,
        "count": line.count,
        "deed": line.deed,
        "kept_until": line.kept_until.isoformat() if line.kept_until else None,
        "source": line.source,
    }
