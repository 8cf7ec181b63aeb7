"""Every rule, one after another: one that fails keeps no other from running."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.retention.enums import RunState
from privacy.retention.models import PurgeRun
from privacy.retention.rules import Rule
from privacy.retention.services.holds import review_due
from privacy.retention.services.purging import REPORT_LASTS, engine_rules, purge

logger = logging.getLogger(__name__)

RUNS_KEPT = timedelta(days=366)


def purge_expired(
    *, at: datetime, dry: bool = False, only: Sequence[Rule] | None = None, by: Actor = SYSTEM
) -> Iterator[PurgeRun | tuple[Rule, Exception]]:
    """Carry out the rules one by one; each yields its run, or the rule and what broke it."""
    for rule in engine_rules() if only is None else only:
        try:
            run = purge(rule, at, dry, by=by)
        except Exception as error:
            logger.exception("a purge failed", extra={"action": rule.name})
            yield rule, error
            continue
        if run.state == RunState.PAUSED:
            logger.error("a purge waits for a dry run", extra={"action": rule.name, "count": run.due})
        yield run


def tidy(*, at: datetime) -> int:
    """Drop reports after a year, and the ids in them once no run is held to them; how many reports went."""
    old = PurgeRun.objects.filter(begun_at__lt=at - REPORT_LASTS).exclude(sample=[])
    old.update(sample=[])
    gone, _by_model = PurgeRun.objects.filter(begun_at__lt=at - RUNS_KEPT).delete()
    return gone


def remind_of_reviews(*, at: datetime) -> int:
    """Say how many holds nobody looked at by their day; none is extended, and none ends."""
    due = review_due(on=timezone.localdate(at)).count()
    if due:
        logger.warning("holds are due for review", extra={"count": due})
    return due
