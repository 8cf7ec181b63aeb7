"""Erasures as officers see them: how far each is, what it left, what was told to whom, what proves it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.erasure.enums import JobState, Reason, Scope, StepState
from privacy.erasure.models import (
    ErasureCertificate,
    ErasureJob,
    ErasureRest,
    ErasureStep,
    RecipientNotice,
)
from privacy.erasure.wording import STEP_TITLES
from privacy.keystore.exceptions import Tampered
from privacy.keystore.signing import verify

_SILENT = timedelta(minutes=2)  # a worker not heard of for so long is named
_AT_IT = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True)
class Step:
    """One step in words."""

    row: ErasureStep
    title: str
    state: str
    tone: str


@dataclass(frozen=True)
class UnderWay:
    """An erasure that is not through yet."""

    job: ErasureJob
    what: str
    why: str
    state: str
    steps: list[Step]
    silent: bool
    """Whether no worker has been heard of for a while."""

    @property
    def done(self) -> int:
        return sum(step.row.state == StepState.DONE for step in self.steps)

    @property
    def failed(self) -> list[Step]:
        return [step for step in self.steps if step.row.state == StepState.FAILED]

    @property
    def at(self) -> str:
        """The first step that is not done."""
        return next((step.title for step in self.steps if step.row.state != StepState.DONE), "")


@dataclass(frozen=True)
class Proof:
    """A certificate, and whether its signature holds now."""

    row: ErasureCertificate
    what: str
    why: str
    holds: bool


def under_way(jobs: Iterable[ErasureJob], at: datetime) -> list[UnderWay]:
    """Each with its steps; those with a failed step first, then those nobody works at."""
    lines = [
        UnderWay(
            job=job,
            what=str(Scope(job.scope).label),
            why=str(Reason(job.reason).label),
            state=str(JobState(job.state).label),
            steps=[_step(step) for step in job.steps.all()],
            silent=job.state in _AT_IT and (job.beat_at or job.begun_at) < at - _SILENT,
        )
        for job in jobs
    ]
    return sorted(lines, key=lambda line: (not line.failed, not line.silent, line.job.begun_at))


@dataclass(frozen=True)
class Course:
    """An erasure as the page of its request shows it."""

    line: UnderWay
    rests: list[tuple[ErasureRest, str]]
    notices: list[RecipientNotice]
    proofs: list[Proof]

    @property
    def is_through(self) -> bool:
        """Whether no worker has anything left to do for it now."""
        return self.line.job.state in (JobState.WAITING, JobState.DONE)


def progress(job: ErasureJob, at: datetime) -> Course:
    """How far it is, what it left, who is told, what proves it."""
    return Course(
        line=under_way([job], at)[0],
        rests=[(rest, day_or_hold(rest.until)) for rest in job.rests.all()],
        notices=list(job.recipients.all()),
        proofs=proofs(job.certificates.all()),
    )


def proofs(rows: Iterable[ErasureCertificate]) -> list[Proof]:
    """Each checked anew with our own public key."""
    return [
        Proof(row, str(Scope(row.job.scope).label), str(Reason(row.job.reason).label), is_signed(row))
        for row in rows
    ]


def is_signed(row: ErasureCertificate) -> bool:
    """Whether the body is ours and unchanged."""
    try:
        verify(row.body.encode(), base64.b64decode(row.signature))
    except (Tampered, ValueError):
        return False
    return True


def day_or_hold(until: date | None) -> str:
    """Until when something stays."""
    if until is None:
        return _("解除以前一直留着")
    passed = until <= timezone.localdate()
    return _("期满，等下一次清理") if passed else _("留到 %s") % f"{until:%Y-%m-%d}"


def _step(row: ErasureStep) -> Step:
    tone = {StepState.DONE: "ok", StepState.FAILED: "warn"}.get(StepState(row.state), "")
    return Step(row, str(STEP_TITLES.get(row.name, row.name)), str(StepState(row.state).label), tone)
