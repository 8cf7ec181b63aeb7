"""When a request is due: Asia/Shanghai, the day of receipt not counted, to the end of the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from kit.workdays import add_days, add_workdays, last_known_year
from privacy.rights.enums import Clock

WORKDAYS = 15  # L-PP-8-1, X1-10a, X2-5.8b
DAYS = 15  # X2-11.2, and the stricter value
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Waited:
    """A span in which we waited for the person and for nobody else."""

    since: datetime
    until: datetime


def due_at(
    *,
    clock: Clock,
    received_at: datetime,
    waited: Sequence[Waited] = (),
    known_until: int | None = None,
) -> datetime:
    """The last moment to answer. Days on which we waited from midnight to midnight are not counted.

    Waiting that began by the last day moves it, and never to before the day on which they answered; waiting
    that began later makes nothing good. Holidays are known until the year ``known_until``, the calendar's
    last by default.
    """
    received = timezone.localdate(received_at)
    known = last_known_year() if known_until is None else known_until
    free: frozenset[date] = frozenset()
    last = _last(clock, received, free, known)
    for span in sorted(waited, key=lambda span: span.since):
        if timezone.localdate(span.since) <= last:
            free |= _whole_days(span)
            last = max(_last(clock, received, free, known), timezone.localdate(span.until))
    return timezone.make_aware(datetime.combine(last, _LAST_SECOND))


def _last(clock: Clock, received: date, free: frozenset[date], known_until: int) -> date:
    if clock == Clock.WORKDAYS:
        return add_workdays(received, WORKDAYS, without=free, known_until=known_until)
    return add_days(received, DAYS, without=free)


def _whole_days(span: Waited) -> frozenset[date]:
    first = timezone.localdate(span.since) + timedelta(days=1)
    return frozenset(
        first + timedelta(days=at) for at in range((timezone.localdate(span.until) - first).days)
    )
