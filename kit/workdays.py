"""Which days China rests and works: the State Council's yearly notice, as far as it is known.

The notice of a year comes out late in the year before; the library has it from its next release on. After
its last year only what the law itself fixes is said (Regulation on Public Holidays, 2024, article 2:
1 January, 1 and 2 May, 1 to 3 October): other holidays pass for ordinary days, and Monday to Friday for
workdays, so hours may be announced that the notice takes back.

A term of workdays is exact as far as the notices go. Where it reaches beyond, weekends that will be worked
are unknown, and counting Monday to Friday alone would end it as much as three days late; so it ends three
days before that, and never late. Tests compare it with the truth of each year since 2014.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache

from chinese_calendar.constants import holidays, workdays

_log = logging.getLogger(__name__)
_HOLIDAYS: frozenset[date] = frozenset(holidays)
_MADE_UP_FOR: frozenset[date] = frozenset(workdays)
_FIRST, _LAST = min(_HOLIDAYS).year, max(_HOLIDAYS).year
_BY_LAW = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_FRIDAY = 4
_DECEMBER = 12
# By how much Monday to Friday ends a term too late at most: weekends worked before or after a holiday that
# lies outside the term (2014 to 2026; 15 workdays from 7 October 2019).
_SURPLUS = timedelta(days=3)


def is_known(day: date) -> bool:
    """Whether the notice of that year is at hand."""
    return _FIRST <= day.year <= _LAST


def is_holiday(day: date) -> bool:
    """Whether the day is a statutory holiday or a day off around one. An ordinary weekend is none."""
    if is_known(day):
        return day in _HOLIDAYS
    _say_unknown(day.year)
    return (day.month, day.day) in _BY_LAW


def is_workday(day: date) -> bool:
    """Whether people go to work: Monday to Friday without holidays, and the weekends made up for."""
    if day in _MADE_UP_FOR:
        return True
    return day.weekday() <= _FRIDAY and not is_holiday(day)


@cache
def _say_unknown(year: int) -> None:
    """Once a process and year."""
    _log.warning("holidays of %d unknown: only those fixed by law count; update chinesecalendar", year)


def last_known_year() -> int:
    """The last year whose notice is at hand."""
    return _LAST


def missing_year(today: date) -> int | None:
    """The first year whose notice should be at hand by ``today`` and is not: from December on, the next's."""
    expected = today.year + (today.month == _DECEMBER)
    return _LAST + 1 if expected > _LAST else None


def add_days(day: date, count: int, *, without: frozenset[date] = frozenset()) -> date:
    """The last of the ``count`` days after ``day``, those of ``without`` not counted."""
    return _last_of(day, count, without, lambda _: True)


def add_workdays(
    day: date, count: int, *, without: frozenset[date] = frozenset(), known_until: int = _LAST
) -> date:
    """The last of the ``count`` workdays after ``day``, those of ``without`` not counted.

    Past the year ``known_until`` it is the last of as many Mondays to Fridays, less three days for each
    stretch into which ``without`` cuts the term (each may hold weekends that are worked): at the latest the
    true day, and at the earliest the last of ``count`` days of any kind.
    """

    def counts(on: date) -> bool:
        return is_workday(on) if _FIRST <= on.year <= known_until else on.weekday() <= _FRIDAY

    last = _last_of(day, count, without, counts)
    if day.year >= _FIRST and last.year <= known_until:
        return last
    early = last - _SURPLUS * (1 + _runs(free for free in without if day < free <= last))
    return max(early, add_days(day, count, without=without))


def workdays_left(since: date, until: date) -> int:
    """How many workdays lie after ``since``, ``until`` included; none where it is over."""
    return sum(is_workday(since + timedelta(days=at)) for at in range(1, (until - since).days + 1))


def _last_of(day: date, count: int, without: frozenset[date], counts: Callable[[date], bool]) -> date:
    while count:
        day += timedelta(days=1)
        count -= day not in without and counts(day)
    return day


def _runs(days: Iterable[date]) -> int:
    """How many unbroken runs of days there are."""
    there = set(days)
    return sum(day - timedelta(days=1) not in there for day in there)
