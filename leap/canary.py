"""The nightly canary: made, erased, cleaned up after, looked for in every place, and put on record."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from kit.needles import Value
from leap.services import process
from leap.services.residue.cleaning import clean
from leap.services.residue.reach import Reach
from leap.services.residue.scanning import PlaceReport, Tell, findings, scan
from privacy.erasure.enums import JobState, Reason, RunKind, Scope, StepState
from privacy.erasure.models import ErasureJob, ErasureStep, ResidueRun
from privacy.erasure.services.beginning import begin_unasked
from privacy.erasure.services.residue_runs import record_run
from privacy.erasure.services.running import run
from website.canary.coverage import covered, uncovered
from website.canary.family import Family, make_family
from website.canary.values import keep, values_of

logger = logging.getLogger(__name__)

_TRIES = 3  # of one step; what fails as often is no accident
_PATIENCE = 300.0  # seconds for an erasure that another worker took


class Unfinished(Exception):
    """An erasure of the canary did not come to its end."""


def run_canary(*, reach: Reach | None = None, tell: Tell | None = None) -> ResidueRun:
    """One whole round. The run names what was found and in which tables there was nothing to find.

    Whatever breaks it off is on record too, by its kind, and raised again.
    """
    begun_at = timezone.now()
    try:
        family = make_family()
        people = _people(family)
        missing = uncovered(people)
        values = values_of(family)
        for member in family.members:
            _erase(begin_unasked(subject_id=member.id, scope=Scope.PERSON, reason=Reason.CANARY))
        return _looked_for(values, missing, begun_at, reach or Reach.here(), tell)
    except Exception as trouble:
        said = (
            f"{type(trouble).__name__}: {trouble}"
            if isinstance(trouble, Unfinished)
            else type(trouble).__name__
        )
        record_run(kind=RunKind.CANARY, begun_at=begun_at, places={}, findings=0, failure=said)
        raise


def _looked_for(
    values: Sequence[Value], missing: Sequence[str], begun_at: datetime, reach: Reach, tell: Tell | None
) -> ResidueRun:
    clean(reach=reach)
    reports = scan(values, reach=reach, tell=tell)
    keep(values)
    found = findings(reports)
    if found or missing:
        logger.error("the canary left something behind, or was not everywhere", extra={"count": found})
    return record_run(
        kind=RunKind.CANARY,
        begun_at=begun_at,
        places=_as_kept(reports),
        findings=found,
        covered=[table for table in covered() if table not in missing],
        failure=f"no canary in {', '.join(missing)}" if missing else "",
    )


def _as_kept(reports: Sequence[PlaceReport]) -> dict[str, object]:
    return {report.name: report.as_json() for report in reports}


def _people(family: Family) -> list[UUID]:
    return [person for member in family.members for person in (member.id, *member.wards)]


def _erase(job: ErasureJob) -> None:
    """Here and now, or by whoever was quicker. Raises Unfinished."""

    def over() -> bool:
        run(job_id=job.pk)
        job.refresh_from_db()
        return job.state in (JobState.WAITING, JobState.DONE)

    if not process.poll(lambda: over() or _fails(job), _PATIENCE) or _fails(job):
        raise Unfinished(", ".join(f"{step.name} {step.failure}".strip() for step in _unfinished(job)))


def _unfinished(job: ErasureJob) -> list[ErasureStep]:
    return [step for step in job.steps.all() if step.state != StepState.DONE]


def _fails(job: ErasureJob) -> bool:
    """Whether a step is tried in vain."""
    return any(step.attempts >= _TRIES for step in _unfinished(job))
