"""Which days China rests and works: the State Council's yearly notice, as far as it is known.

The notice of a year comes out late in the year before; the library has it from its next release on. After
its last year only what the law itself fixes is said (Regulation on Public Holidays, 2024, article 2:
1 January, 1 and 2 May, 1 to 3 October): other holidays pass for ordinary days, and Monday to Friday for
workdays. So a term of workdays never ends later than it should, but hours may be announced that the notice
takes back.
"""

import logging
from datetime import date, timedelta
from functools import cache

from chinese_calendar.constants import holidays, workdays

_log = logging.getLogger(__name__)
_HOLIDAYS: frozenset[date] = frozenset(holidays)
_MADE_UP_FOR: frozenset[date] = frozenset(workdays)
_FIRST, _LAST = min(_HOLIDAYS).year, max(_HOLIDAYS).year
_BY_LAW = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
_FRIDAY = 4


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


def add_workdays(day: date, count: int, *, without: frozenset[date] = frozenset()) -> date:
    """The last of the ``count`` workdays after ``day``, those of ``without`` not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day) and day not in without
    return day
