"""The days of a campus with their classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format

from kit.day_words import date_in_words, near_in_words
from kit.workdays import is_holiday
from website.presenters.classes import ClassRow

_ENOUGH = 6  # free classes shown before the page stops adding days
_DAYS_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day with its classes. ``near`` is empty from the third day on; ``short`` fits a chip."""

    date: date
    near: str
    short: str
    words: str
    holiday: bool
    rows: tuple[ClassRow, ...]

    @property
    def free(self) -> int:
        """How many of its classes can still be booked."""
        return sum(1 for row in self.rows if row.url)


def days_of(rows: Iterable[ClassRow], *, at: datetime) -> list[Day]:
    """Every day from today to the last with a class, days without any among them. ``rows`` are in order."""
    by_day = {day: tuple(group) for day, group in groupby(rows, key=_local_day)}
    if not by_day:
        return []
    today = timezone.localdate(at)
    return [
        Day(
            date=day,
            near=near_in_words(day, at),
            short=near_in_words(day, at) or date_format(day, "D"),
            words=date_in_words(day),
            holiday=is_holiday(day),
            rows=by_day.get(day, ()),
        )
        for day in (today + timedelta(days=n) for n in range((max(by_day) - today).days + 1))
    ]


def first_free_day(days: Sequence[Day]) -> Day | None:
    """The day a parent would be shown first."""
    return next((day for day in days if day.free), None)


def days_from(days: Sequence[Day], first: date) -> list[Day]:
    """Days with classes from ``first`` on: as many as it takes for a handful of free classes."""
    shown: list[Day] = []
    for day in days:
        if day.date < first or not day.rows:
            continue
        shown.append(day)
        if sum(each.free for each in shown) >= _ENOUGH or len(shown) == _DAYS_SHOWN:
            break
    return shown


def _local_day(row: ClassRow) -> date:
    return timezone.localdate(row.starts_at)
