"""How far an erasure is, and what proves it, by the request that asked for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from privacy.erasure.enums import JobState, StepState
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.models import ErasureCertificate, ErasureJob, ErasureRest, RecipientNotice
from privacy.erasure.wording import STEP_TITLES
from privacy.rights.models import DataSubjectRequest


@dataclass(frozen=True, kw_only=True)
class StepTold:
    """One step in words."""

    name: str
    title: str
    done: bool
    failed: bool
    rows: int
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is. ``percent`` is of steps; ``finished_at`` is set once all that can go is gone."""

    state: JobState
    steps: Sequence[StepTold]
    begun_at: datetime
    unreadable_at: datetime | None
    final_by: datetime | None
    final_at: datetime | None
    finished_at: datetime | None
    remains_until: date | None
    rests: Sequence[ErasureRest]
    recipients: Sequence[RecipientNotice]
    percent: int


def progress_of(*, request: DataSubjectRequest) -> Progress:
    """How far the request's erasure is. Raises ErasureUnknown where none has begun."""
    job = _job_of(request)
    if job is None:
        raise ErasureUnknown
    steps = [
        StepTold(
            name=one.name,
            title=str(STEP_TITLES[one.name]),
            done=one.state == StepState.DONE,
            failed=one.state == StepState.FAILED,
            rows=one.rows,
            at=one.done_at,
        )
        for one in job.steps.all()
    ]
    done = sum(one.done for one in steps)
    over = job.finished_at is not None and job.state != JobState.RUNNING
    return Progress(
        state=JobState(job.state),
        steps=steps,
        begun_at=job.begun_at,
        unreadable_at=job.unreadable_at,
        final_by=job.final_by,
        final_at=job.final_at,
        finished_at=job.finished_at,
        remains_until=job.remains_until,
        rests=list(job.rests.all()),
        recipients=list(job.recipients.all()),
        percent=100 if over else 100 * done // max(len(steps), 1),
    )


def certificate_of(*, request: DataSubjectRequest, version: int | None = None) -> ErasureCertificate | None:
    """The newest certificate of the request's erasure, or the version asked for; None where there is none."""
    found = ErasureCertificate.objects.filter(job__request=request)
    if version is not None:
        found = found.filter(version=version)
    return found.order_by("-job__begun_at", "-version").first()


def _job_of(request: DataSubjectRequest) -> ErasureJob | None:
    return ErasureJob.objects.filter(request=request).order_by("-begun_at").first()
