"""What officers are told in time: that a deadline comes near, that the calendar ends."""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kit.workdays import missing_year, workdays_left
from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.rights.enums import WAITING_FOR_THEM
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.steps import happened, held

logger = logging.getLogger(__name__)

STAGES = (0, 2, 5)  # workdays left after today


def warn_due(*, at: datetime) -> int:
    """Warn once each at five, two and no workdays left after today; how many requests were warned of.

    Workdays, because nobody answers on a holiday: the warning never comes later than as many days before.
    Of what was partly granted, the day by which the rest is promised counts. Nobody is warned of a request
    that waits for the person. Each warning stands in the request's history; the log tells numbers alone.
    """
    today = timezone.localdate(at)
    rows = DataSubjectRequest.objects.owed().exclude(warned=0)
    near = [row.pk for row in rows.iterator() if _next_stage(row, today) is not None]
    stages = [stage for pk in near if (stage := _warn(pk, today)) is not None]
    for stage in STAGES:
        if count := stages.count(stage):
            logger.warning("requests with %d workdays left", stage, extra={"count": count})
    return len(stages)


@transaction.atomic
def _warn(pk: UUID, today: date) -> int | None:
    """Warn of one request, unless that was done or it moved on meanwhile; the stage warned of."""
    row = held(pk)
    stage = _next_stage(row, today)
    if stage is None:
        return None
    row.warned = stage
    row.save(update_fields=["warned"])
    happened(row, "warned", by=SYSTEM, note=f"t-{stage}")
    record("request.warned", by=SYSTEM, subject=row.subject_id, target=row, detail={"left": stage})
    return stage


def _next_stage(row: DataSubjectRequest, today: date) -> int | None:
    """The stage that a request has reached and nobody was warned of yet."""
    if not row.is_owed or row.state in WAITING_FOR_THEM:
        return None
    left = workdays_left(today, row.last_day)
    reached = next((stage for stage in STAGES if left <= stage), None)
    return reached if reached is not None and (row.warned is None or reached < row.warned) else None


def calendar_alarm(*, today: date) -> int | None:
    """Say in the log which year's holidays should be known by ``today`` and are not; None if all are."""
    year = missing_year(today)
    if year is not None:
        logger.error(
            "holidays of %d missing: update chinesecalendar; deadlines that reach into it are shortened", year
        )
    return year


def calendar_warning(*, today: date) -> str:
    """The same for officers to read; empty if nothing is missing."""
    year = missing_year(today)
    if year is None:
        return ""
    return (
        _("系统里还没有 %d 年的放假安排。跨到那一年的期限按周一到周五算，再提前三天。请技术人员更新日历。")
        % year
    )
