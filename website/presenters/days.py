"""The days of a campus with their classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils import timezone

from enrollment.enums import SessionState
from enrollment.models import ClassSession
from kit.day_words import date_in_words, near_in_words, weekday_in_short
from kit.workdays import is_holiday
from website.presenters.classes import ClassRow, class_row

_ENOUGH = 6  # free classes shown before the page stops adding days
_DAYS_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day with its classes as of ``at``. Most days are only counted, so words are made when asked for."""

    date: date
    at: datetime
    sessions: tuple[ClassSession, ...]
    free: int
    """How many of the classes can still be booked."""
    full: bool
    """Whether none can because every seat of the day is taken, rather than closed to booking."""

    @property
    def near(self) -> str:
        """Today, tomorrow or the day after; empty from the third day on."""
        return near_in_words(self.date, self.at)

    @property
    def short(self) -> str:
        """What fits a chip."""
        return self.near or weekday_in_short(self.date)

    @property
    def words(self) -> str:
        """The date with its weekday."""
        return date_in_words(self.date)

    @property
    def holiday(self) -> bool:
        """Whether it is a statutory holiday."""
        return is_holiday(self.date)

    @property
    def rows(self) -> list[ClassRow]:
        """Its classes in words."""
        return [class_row(session, self.at) for session in self.sessions]


def days_of(sessions: Iterable[ClassSession], *, at: datetime) -> list[Day]:
    """Every day from today to the last with a class, also those without any. ``sessions`` are in order."""
    by_day = {day: tuple(group) for day, group in groupby(sessions, key=lambda each: each.local_date)}
    if not by_day:
        return []
    today = timezone.localdate(at)
    days = [today + timedelta(days=ahead) for ahead in range((max(by_day) - today).days + 1)]
    return [_day(day, by_day.get(day, ()), at) for day in days]


def first_free_day(days: Sequence[Day]) -> Day | None:
    """The day a parent would be shown first."""
    return next((day for day in days if day.free), None)


def days_from(days: Sequence[Day], first: date) -> list[Day]:
    """Days with classes from ``first`` on: as many as it takes for a handful of free classes."""
    shown: list[Day] = []
    for day in days:
        if day.date < first or not day.sessions:
            continue
        shown.append(day)
        if sum(each.free for each in shown) >= _ENOUGH or len(shown) == _DAYS_SHOWN:
            break
    return shown


def _day(day: date, sessions: tuple[ClassSession, ...], at: datetime) -> Day:
    free = sum(session.is_bookable(at) for session in sessions)
    full = bool(sessions) and all(
        each.state == SessionState.OPEN and not each.seats_left for each in sessions
    )
    return Day(date=day, at=at, sessions=sessions, free=free, full=full)
