"""Letting go of what is over its time: in batches, around what is held, with a report first if it is much."""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record
from privacy.inventory.periods import is_within, period_of
from privacy.inventory.registry import keeps
from privacy.retention.enums import RunState
from privacy.retention.exceptions import PeriodOutOfBounds
from privacy.retention.models import PurgeRun
from privacy.retention.rules import Rule, rules
from privacy.retention.services.due import Batch, DueRows, Key
from privacy.retention.services.holds import keep_holds_out

logger = logging.getLogger(__name__)

BATCH = 5_000  # rows
PAUSE = 0.25  # seconds between two batches, in which others get on
MOST_A_RUN = 500_000  # rows; the next run goes on
MUCH = 0.2  # of a table: beyond it somebody has to look at a report first
FEW = 100  # rows that may go without a report, whatever share of a small table they are
REPORT_LASTS = timedelta(hours=24)
LOST_AFTER = timedelta(minutes=10)  # without a sign of life a run is taken for dead
_SAMPLE = 20  # ids


def engine_rules() -> list[Rule]:
    """The rules the purge carries out itself, in the order of their names."""
    return [rule for _name, rule in sorted(rules.items()) if not rule.done_by]


def due_before(rule: Rule, at: datetime) -> datetime:
    """What began by then is due at ``at``. Raises PeriodOutOfBounds."""
    keep, period = keeps[rule.keep], period_of(rule.keep)
    if not is_within(keep, period):
        raise PeriodOutOfBounds(f"{rule.name}: {period} is not between {keep.floor} and {keep.ceiling}")
    return at - period


def purge(
    rule: Rule,
    at: datetime,
    dry: bool = False,
    *,
    by: Actor = SYSTEM,
    most: int = MOST_A_RUN,
    batch: int = BATCH,
    pause: float = PAUSE,
) -> PurgeRun:
    """Let the rows of a rule go that are due at ``at``; ``dry``: say only how many, and a few of their ids.

    A run that would take more than a fifth of a table is held to a dry run of the last 24 hours: it takes
    what that one counted and nothing else, or it pauses. Raises PeriodOutOfBounds, and whatever a batch
    raises; what other batches did stands, and the run says that it failed.
    """
    _bury_lost(rule)
    due = DueRows(rule, due_before(rule, at))
    run = _begun(due, dry=dry)
    try:
        if dry:
            return _ended(run, RunState.DONE, by)
        allowed = _held_to_report(run, due)
        return _ended(run, _take_all(run, allowed, most=most, batch=batch, pause=pause), by)
    except Exception as error:
        PurgeRun.objects.filter(pk=run.pk).update(
            state=RunState.FAILED, failure=type(error).__name__, ended_at=timezone.now()
        )
        raise


def _begun(due: DueRows, *, dry: bool) -> PurgeRun:
    run = PurgeRun(rule=due.rule.name, dry=dry, before=due.before)
    _count(run, due)
    run.save(force_insert=True)
    return run


def _count(run: PurgeRun, due: DueRows) -> None:
    with transaction.atomic(), transaction.atomic(using=due.alias):
        due.limit_statements()
        run.due, run.held, run.of_all = due.count(), due.count_held(), due.of_all()
        run.sample = due.sample(_SAMPLE)
    said = [run.rule, run.before.isoformat(), str(run.due), str(run.held), *run.sample]
    run.digest = hashlib.sha256("\n".join(said).encode()).hexdigest()


def _held_to_report(run: PurgeRun, due: DueRows) -> DueRows | None:
    """What a real run may take: what is due, or what a report counted; None where there is none."""
    if run.due <= max(FEW, run.of_all * MUCH):
        return due
    report = PurgeRun.objects.filter(
        rule=run.rule, dry=True, state=RunState.DONE, begun_at__gte=timezone.now() - REPORT_LASTS
    ).first()
    if report is None or report.before > run.before:
        return None
    shown = DueRows(due.rule, report.before)
    run.before = report.before
    _count(run, shown)
    run.digest = report.digest
    run.save(update_fields=["before", "due", "held", "of_all", "sample", "digest"])
    return shown if run.due <= report.due else None


def _take_all(run: PurgeRun, due: DueRows | None, *, most: int, batch: int, pause: float) -> RunState:
    if due is None:
        return RunState.PAUSED
    left: int = most
    after: Key | None = None
    while left > 0:
        taken = _one_batch(run, due, min(batch, left), after)
        if not taken.found:
            return RunState.DONE
        left, after = left - taken.found, taken.last
        time.sleep(pause)
    return RunState.CEILING


def _one_batch(run: PurgeRun, due: DueRows, size: int, after: Key | None) -> Batch:
    """One transaction: rows and their count stand or fall together where they share a database."""
    with transaction.atomic():
        keep_holds_out()
        with transaction.atomic(using=due.alias):
            due.limit_statements()
            taken = due.take(size, after)
        PurgeRun.objects.filter(pk=run.pk).update(
            rows=F("rows") + taken.gone, batches=F("batches") + int(taken.found > 0), beat_at=timezone.now()
        )
    return taken


def _ended(run: PurgeRun, state: RunState, by: Actor) -> PurgeRun:
    with transaction.atomic():
        PurgeRun.objects.filter(pk=run.pk).update(state=state, ended_at=timezone.now())
        run.refresh_from_db()
        if run.rows:
            went: dict[str, int | str] = {"rule": run.rule, "rows": run.rows, "held": run.held}
            record("rows.purged", by=by, target=run, detail=went)
    return run


def _bury_lost(rule: Rule) -> None:
    """Runs of a worker that died say so."""
    lost = PurgeRun.objects.filter(
        rule=rule.name, state=RunState.RUNNING, beat_at__lt=timezone.now() - LOST_AFTER
    )
    lost.update(state=RunState.FAILED, failure="WorkerLost", ended_at=timezone.now())
