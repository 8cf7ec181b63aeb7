"""When a request is due: Asia/Shanghai, the day of receipt not counted, to the end of the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kit.workdays import add_workdays
from privacy.rights.enums import Clock

WORKDAYS = 15  # L-PP-8-1, X1-10a, X2-5.8b
DAYS = 15  # X2-11.2, and the stricter value
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Waited:
    """A span in which we waited for the person and for nobody else."""

    since: datetime
    until: datetime


def due_at(*, clock: Clock, received_at: datetime, waited: Sequence[Waited] = ()) -> datetime:
    """The last moment to answer. Days on which we waited from midnight to midnight are not counted."""
    received = timezone.localtime(received_at).date()
    free = _whole_days(waited)
    if clock == Clock.WORKDAYS:
        last = add_workdays(received, WORKDAYS, without=free)
    else:
        last = _add_days(received, DAYS, free)
    return timezone.make_aware(datetime.combine(last, _LAST_SECOND))


def _add_days(day: date, count: int, without: frozenset[date]) -> date:
    while count:
        day += timedelta(days=1)
        count -= day not in without
    return day


def _whole_days(waited: Sequence[Waited]) -> frozenset[date]:
    days: set[date] = set()
    for span in waited:
        first = timezone.localtime(span.since).date() + timedelta(days=1)
        last = timezone.localtime(span.until).date() - timedelta(days=1)
        days.update(first + timedelta(days=at) for at in range((last - first).days + 1))
    return frozenset(days)
