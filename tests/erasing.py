"""Erasures, purges, holds and searches as rows, for tests of the pages that show them."""

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from leap.roles import PRIVACY_OFFICER
from privacy.actors import Actor
from privacy.erasure.enums import JobState, Reason, RunKind, Scope, StepState, Why
from privacy.erasure.models import (
    ErasureCertificate,
    ErasureJob,
    ErasureRest,
    ErasureStep,
    RecipientNotice,
    ResidueRun,
)
from privacy.keystore.signing import sign
from privacy.retention.enums import RunState
from privacy.retention.models import LegalHold, PurgeRun
from privacy.retention.services.holds import place
from privacy.rights.models import DataSubjectRequest
from tests.families import a_guardian
from tests.staff import a_member_of_staff

STEPS = ("bury", "keys", "exports", "stores", "rows", "check", "certify")


def a_job(request: DataSubjectRequest | None = None, *, done: int = 2, **changed: Any) -> ErasureJob:
    """An erasure of the request's person, so many of its steps done."""
    fields = {
        "request": request,
        "subject_id": request.subject_id if request else uuid4(),
        "scope": Scope.PERSON,
        "reason": Reason.ASKED,
        "state": JobState.RUNNING,
        "beat_at": timezone.now(),
    }
    job = ErasureJob.objects.create(**{**fields, **changed})
    for position, name in enumerate(STEPS):
        state = StepState.DONE if position < done else StepState.PENDING
        ErasureStep.objects.create(job=job, name=name, position=position, state=state, rows=position)
    return job


def fails(job: ErasureJob) -> None:
    """Its first step that is not done was tried three times in vain."""
    step = job.steps.filter(state=StepState.PENDING).first()
    assert step is not None
    step.state, step.attempts, step.failure = StepState.FAILED, 3, "StepFailed"
    step.save()


def a_rest(job: ErasureJob, *, why: Why = Why.LAW, days: int | None = 365) -> ErasureRest:
    """Something it left, for so many days more."""
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    said = {
        "model": "enrollment.trialbooking",
        "title": "试听过的预约",
        "count": 2,
        "source": "电子商务法 31",
    }
    return ErasureRest.objects.create(job=job, why=why, until=until, **said)


def a_notice(job: ErasureJob) -> RecipientNotice:
    """A recipient that has to delete too, another one each time."""
    name = f"sms{job.recipients.count()}"
    return RecipientNotice.objects.create(job=job, recipient=name, title="短信服务商")


def a_certificate(job: ErasureJob, *, body: str = '{"what":"gone"}', version: int = 1) -> ErasureCertificate:
    """A signed statement; by a ``body`` changed afterwards it no longer is one."""
    signature = base64.b64encode(sign(b'{"what":"gone"}')).decode()
    return ErasureCertificate.objects.create(job=job, version=version, body=body, signature=signature)


def a_purge(rule: str, *, dry: bool = False, state: RunState = RunState.DONE, **changed: Any) -> PurgeRun:
    """A run of a rule that took twelve of a hundred rows."""
    now = timezone.now()
    fields = {"before": now, "due": 12, "of_all": 100, "rows": 0 if dry else 12, "ended_at": now}
    return PurgeRun.objects.create(rule=rule, dry=dry, state=state, **{**fields, **changed})


def a_search(kind: RunKind, *, findings: int = 0, hours_ago: float = 2, failure: str = "") -> ResidueRun:
    """A search for leftovers that came to its end."""
    at = timezone.now() - timedelta(hours=hours_ago)
    places = {"wal": {"files": 3, "bytes": 4096, "found": findings}}
    return ResidueRun.objects.create(
        kind=kind, begun_at=at, ended_at=at, findings=findings, places=places, failure=failure
    )


def a_hold(guardian: User | None = None, *, due: bool = False, **changed: Any) -> LegalHold:
    """A hold on somebody's bookings; ``due``: its review date is over."""
    asked: dict[str, Any] = {
        "subject_id": (guardian or a_guardian()).pk,
        "authority": "某区市场监督管理局",
        "document": "市监函〔2026〕88号",
        "review_on": timezone.localdate() + timedelta(days=90),
        "records": [("enrollment.trialbooking", None)],
        "by": Actor(kind="staff", id=a_member_of_staff(PRIVACY_OFFICER).pk),
    }
    hold = place(**{**asked, **changed})
    if due:
        LegalHold.objects.filter(pk=hold.pk).update(review_on=timezone.localdate())
        hold.refresh_from_db()
    return hold
