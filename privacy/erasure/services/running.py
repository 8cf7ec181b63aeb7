"""Working at erasures: step after step, as far as each goes, again until nothing is left to do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.erasure.enums import JobState, StepState
from privacy.erasure.exceptions import LeftOver
from privacy.erasure.models import ErasureJob, ErasureStep, ErasureSubject
from privacy.erasure.services.certifying import issue
from privacy.erasure.services.checking import check
from privacy.erasure.services.ending import certify
from privacy.erasure.services.marking import total
from privacy.erasure.services.nudging import nudge
from privacy.erasure.services.people import is_held, people_of
from privacy.erasure.services.remains import is_own, rests_of
from privacy.erasure.services.steps import keys, rows, stores
from privacy.erasure.services.work import LeaseLost, Work
from privacy.keystore.rotation.epochs import epochs_final
from privacy.keystore.services import frozen_subjects, key_scope, thaw_keys
from privacy.rights.enums import RequestState
from privacy.rights.services.restricting import hold_all
from privacy.rights.services.steps import held, step

logger = logging.getLogger(__name__)

Step = Callable[[Work], None]
DO: Mapping[str, Step] = {
    "bury": keys.bury,
    "keys": keys.destroy,
    "exports": stores.exports,
    "stores": stores.stores,
    "children": rows.children,
    "rows": rows.rows,
    "unlink": rows.unlink,
    "account": rows.account,
    "keyrows": keys.drop_rows,
    "check": check,
    "certify": certify,
}
# A hold keeps what it keeps as it is, and so the account on which that hangs.
_AFTER_HOLDS = frozenset({"unlink", "account", "keyrows"})
# Others need not wait for them: they are tried again, and hold up the end alone.
_BY_THEMSELVES = frozenset({"exports", "stores"})
# What is done over where a check finds something: it came in between.
_OVER = ("rows", "children", "unlink", "account", "keyrows", "exports", "stores", "check", "certify")
_WAIT = timedelta(seconds=10)  # after a failure


def run(*, job_id: UUID) -> bool:
    """Work at an erasure if nobody else does; whether it came to its end for now.

    A step that fails is said and tried again; nothing that was done is undone, and nothing counted twice.
    """
    work = Work.take(job_id)
    if work is None:
        return False
    try:
        with key_scope():
            whole = _through(work)
            if not whole:
                work.let_go(_WAIT)
        return whole
    except LeaseLost:
        logger.info("another worker has the erasure", extra={"job_id": str(job_id)})
        return False


def sweep() -> None:
    """Nudge what no nudge reached or whose worker died; wake what waited long enough; thaw what broke off."""
    now = timezone.now()
    for job_id in ErasureJob.objects.all().free(now).values_list("pk", flat=True):
        nudge(job_id)


def wake() -> int:
    """Have those work again whose hold is released or whose time is over; how many."""
    waiting = ErasureJob.objects.filter(state=JobState.WAITING)
    over = waiting.filter(Q(remains_until__lt=timezone.localdate()) | Q(subjects__subject_id__isnull=False))
    return sum(_woken(job) for job in over.distinct())


def finish() -> int:
    """Certify anew what has become final: the keys of keys that wrapped it are destroyed; how many."""
    unfinal = ErasureJob.objects.filter(final_at=None, finished_at__isnull=False)
    return sum(_finished(job_id) for job_id in unfinal.values_list("pk", flat=True))


def thaw_broken_off() -> int:
    """Thaw keys that were frozen for an erasure that never was; how many people's."""
    thawed = 0
    for subject in sorted(frozen_subjects()):
        with transaction.atomic():
            hold_all([subject])  # whoever is beginning one holds it until it is there
            if not ErasureSubject.objects.filter(subject_id=subject).exists():
                thaw_keys(subject)
                thawed += 1
    return thawed


def _through(work: Work) -> bool:
    """Whether every step is done that need not wait."""
    waits, failed = is_held(work.job), False
    for row in work.job.steps.exclude(state=StepState.DONE).exclude(name="begin").order_by("position"):
        if waits and row.name in _AFTER_HOLDS:
            continue
        if failed and row.name in ("check", "certify"):
            return False
        if not _taken(work, row):
            failed = True
            if row.name not in _BY_THEMSELVES:
                return False
    return not failed


def _taken(work: Work, row: ErasureStep) -> bool:
    """Whether the step is done."""
    ErasureStep.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
    try:
        DO[row.name](work)
        rows = total(work.job.pk, row.name)
    except LeaseLost:
        raise
    except Exception as error:
        work.prove_own()
        _said(work, row, error)
        return False
    if row.name != "certify":  # its last transaction says so itself
        work.prove_own()
        ErasureStep.objects.filter(pk=row.pk).update(
            state=StepState.DONE, done_at=timezone.now(), rows=rows, failure=""
        )
    return True


def _said(work: Work, row: ErasureStep, error: Exception) -> None:
    """A failure is on record as a class of error: its text may hold somebody's data."""
    failure = f"{error}" if isinstance(error, LeftOver) else type(error).__name__
    logger.error(
        "a step of an erasure failed; tried again",
        extra={"job_id": str(work.job.pk), "step": row.name, "failure": failure},
    )
    ErasureStep.objects.filter(pk=row.pk).update(state=StepState.FAILED, failure=failure[:60])
    if isinstance(error, LeftOver):
        over = ErasureStep.objects.filter(job=work.job, name__in=_OVER).exclude(pk=row.pk)
        over.filter(state=StepState.DONE).update(state=StepState.PENDING)


@transaction.atomic
def _woken(job: ErasureJob) -> int:
    row = ErasureJob.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if row.state != JobState.WAITING or is_held(row):
        return 0
    if not people_of(row) and any(not is_own(rest) for rest in rests_of(row)):
        row.remains_until = timezone.localdate()  # until a purge has been by: asked again tomorrow
        row.save(update_fields=["remains_until"])
        return 0
    row.state, row.leased_until = JobState.RUNNING, None
    row.save(update_fields=["state", "leased_until"])
    row.steps.exclude(name="begin").update(state=StepState.PENDING)
    if row.request_id is not None:
        request = held(row.request_id)
        if request.state == RequestState.PARTLY_FULFILLED:
            step(request, RequestState.EXECUTING, by=SYSTEM)
    record("erasure.resumed", by=SYSTEM, target=row)
    transaction.on_commit(partial(nudge, row.pk))
    return 1


@transaction.atomic
def _finished(job_id: UUID) -> int:
    job = ErasureJob.objects.select_for_update(of=("self",)).get(pk=job_id)
    if job.final_at is not None or job.unreadable_at is None:
        return 0
    final_at = epochs_final(job.unreadable_at)
    if final_at is None:
        return 0
    job.final_at = final_at
    job.save(update_fields=["final_at"])
    issue(job)
    record("erasure.final", by=SYSTEM, target=job)
    return 1
