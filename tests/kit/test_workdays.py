"""Holidays and workdays of China, and what is said of years whose notice is not out."""

import logging
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit import workdays
from kit.workdays import (
    add_days,
    add_workdays,
    is_holiday,
    is_known,
    is_workday,
    last_known_year,
    missing_year,
    workdays_left,
)


@pytest.mark.parametrize(
    ("day", "holiday", "workday"),
    [
        ("2026-11-23", False, True),  # Monday
        ("2026-11-21", False, False),  # Saturday: a weekend is no holiday
        ("2026-10-01", True, False),
        ("2026-10-03", True, False),  # a Saturday within the holiday
        ("2026-10-06", True, False),  # a Tuesday given in exchange for a Saturday
        ("2026-10-10", False, True),  # the Saturday it is made up for
        ("2026-02-17", True, False),  # the lunar new year
        ("2026-01-04", False, True),  # a Sunday worked
    ],
)
def test_known_years_follow_the_notice(day: str, holiday: bool, workday: bool) -> None:
    when = date.fromisoformat(day)
    assert (is_known(when), is_holiday(when), is_workday(when)) == (True, holiday, workday)


@pytest.mark.parametrize(
    ("day", "holiday", "workday"),
    [
        ("2027-01-01", True, False),  # the law names the day
        ("2028-05-02", True, False),
        ("2027-10-03", True, False),
        ("2027-10-04", False, True),  # the notice will give it, but it is not out
        (
            "2027-02-06",
            False,
            False,
        ),  # Saturday, and the lunar new year: the law names no day of the calendar
        ("2027-02-08", False, True),
        ("1999-12-31", False, True),
    ],
)
def test_unknown_years_have_what_the_law_fixes_and_no_more(day: str, holiday: bool, workday: bool) -> None:
    when = date.fromisoformat(day)
    assert (is_known(when), is_holiday(when), is_workday(when)) == (False, holiday, workday)


def test_an_unknown_year_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    workdays._say_unknown.cache_clear()
    with caplog.at_level(logging.WARNING):
        for ahead in range(20):
            is_workday(date(2031, 3, 3) + timedelta(days=ahead))
            is_holiday(date(2031, 3, 3) + timedelta(days=ahead))
    assert [record.getMessage() for record in caplog.records] == [
        "holidays of 2031 unknown: only those fixed by law count; update chinesecalendar"
    ]


@given(st.dates())
def test_no_day_is_beyond_it(day: date) -> None:
    assert not (is_holiday(day) and is_workday(day))


TERM = 15


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.clause("LAW-86")
@pytest.mark.parametrize(
    ("received", "last"),
    [
        # Spring Festival 2026: off from Sunday 15 to Monday 23 February, worked on Saturdays 14 and 28.
        ("2026-01-30", "2026-02-27"),  # over it, the first Saturday counts
        ("2026-02-06", "2026-03-05"),  # both Saturdays count
        ("2026-02-13", "2026-03-12"),
        ("2026-02-14", "2026-03-13"),  # received on a Saturday that is worked
        ("2026-02-18", "2026-03-13"),  # received within the holiday
        ("2026-02-24", "2026-03-16"),
        # Spring Festival 2025: off from 28 January to 4 February, worked on 26 January and 8 February.
        ("2025-01-20", "2025-02-14"),
        # National Day 2026: off from 1 to 7 October, and 25 September; worked on 20 September and 10 October.
        ("2026-09-18", "2026-10-15"),
        ("2026-09-19", "2026-10-15"),
        ("2026-09-30", "2026-10-27"),
        ("2026-10-01", "2026-10-27"),
        ("2026-10-08", "2026-10-28"),
        ("2026-10-10", "2026-10-30"),
        # National Day 2025: off from 1 to 8 October, worked on 28 September and 11 October.
        ("2025-09-26", "2025-10-23"),
        # May Day 2026: off from 1 to 5 May, worked on Saturday 9.
        ("2026-04-30", "2026-05-25"),
        # No holiday on the way; a Sunday is no day of work and no day of receipt either.
        ("2026-11-22", "2026-12-11"),
        ("2026-12-10", "2026-12-31"),
    ],
)
def test_fifteen_workdays_over_holidays_and_weekends_that_are_worked(received: str, last: str) -> None:
    assert add_workdays(day(received), TERM, known_until=2026) == day(last)


@pytest.mark.clause("LAW-86")
@pytest.mark.parametrize(
    ("received", "monday_to_friday", "last"),
    [
        ("2026-12-10", "2026-12-31", "2026-12-31"),  # the last that is known to its end
        ("2026-12-11", "2027-01-01", "2026-12-29"),
        ("2026-12-12", "2027-01-01", "2026-12-29"),
        ("2026-12-14", "2027-01-04", "2027-01-01"),
        ("2026-12-31", "2027-01-21", "2027-01-18"),
        ("2027-01-25", "2027-02-15", "2027-02-12"),
        ("2031-06-02", "2031-06-23", "2031-06-20"),
        ("1999-12-01", "1999-12-22", "1999-12-19"),  # before the first notice as well
    ],
)
def test_past_the_last_notice_it_is_monday_to_friday_less_three_days(
    received: str, monday_to_friday: str, last: str
) -> None:
    assert _monday_to_friday(day(received), TERM) == day(monday_to_friday)
    assert add_workdays(day(received), TERM, known_until=2026) == day(last)


# A day of receipt whose term ends within the years of which the whole truth is known.
RECEIVED = st.dates(date(2014, 1, 1), date(2026, 10, 31))


def _truth(received: date, count: int, without: frozenset[date] = frozenset()) -> date:
    """Asks the library each day, and nothing of ours."""
    last = received
    while count:
        last += timedelta(days=1)
        count -= last not in without and chinese_calendar.is_workday(last)
    return last


def _monday_to_friday(received: date, count: int) -> date:
    last = received
    while count:
        last += timedelta(days=1)
        count -= last.isoweekday() <= 5
    return last


@given(RECEIVED, st.integers(0, 30))
def test_what_is_known_is_exact(received: date, count: int) -> None:
    assert add_workdays(received, count) == _truth(received, count)


@settings(max_examples=1000)
@given(RECEIVED, st.integers(2013, 2025))
def test_from_every_year_in_which_knowledge_ends_it_is_never_late(received: date, known_until: int) -> None:
    assert add_workdays(received, TERM, known_until=known_until) <= _truth(received, TERM)


@pytest.mark.clause("L-UA-9-1", "LAW-86")
def test_no_day_of_thirteen_years_is_ever_late_by_the_fallback() -> None:
    """Every day of receipt, with nothing known of its year, and with its year as the last one known."""
    received, late, naive = date(2014, 1, 1), [], []
    while received <= date(2026, 10, 31):
        truth = _truth(received, TERM)
        late += [
            (received, known)
            for known in (2013, received.year - 1, received.year)
            if add_workdays(received, TERM, known_until=known) > truth
        ]
        naive.append((_monday_to_friday(received, TERM) - truth).days)
        received += timedelta(days=1)

    assert late == []
    # Why three, and not two: Monday to Friday alone would be late by as much.
    assert max(naive) == 3


@st.composite
def _waits(draw: st.DrawFn) -> tuple[date, frozenset[date]]:
    """A day of receipt and up to three runs of days that do not count, as long as a wait can be."""
    received = draw(RECEIVED.filter(lambda one: one < date(2026, 5, 1)))
    free: set[date] = set()
    begun = received
    for _ in range(draw(st.integers(1, 3))):
        begun += timedelta(days=draw(st.integers(1, 4)))
        length = draw(st.integers(1, 30))
        free |= {begun + timedelta(days=at) for at in range(length)}
        begun += timedelta(days=length)
    return received, frozenset(free)


@settings(max_examples=1000)
@given(_waits(), st.integers(2013, 2025))
def test_days_that_do_not_count_never_make_it_late(
    waited: tuple[date, frozenset[date]], known_until: int
) -> None:
    received, free = waited
    last = add_workdays(received, TERM, without=free, known_until=known_until)
    assert add_days(received, TERM, without=free) <= last <= _truth(received, TERM, free)


def test_a_term_cut_in_two_has_weekends_worked_on_both_sides() -> None:
    """The holiday itself was waited through; three days for the whole would not do."""
    received = date(2013, 1, 3)
    free = frozenset(date(2013, 1, 15) + timedelta(days=at) for at in range(32))
    assert (_truth(received, TERM, free), add_workdays(received, TERM, without=free, known_until=2012)) == (
        date(2013, 2, 21),
        date(2013, 2, 21),
    )


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 20))
def test_a_term_is_never_shorter_than_as_many_days(received: date, count: int) -> None:
    assert add_workdays(received, count) >= add_days(received, count) == received + timedelta(days=count)


def test_days_that_do_not_count_are_left_out() -> None:
    free = frozenset({date(2026, 11, 24), date(2026, 11, 28)})
    assert add_days(date(2026, 11, 22), 15, without=free) == date(2026, 12, 9)
    assert add_workdays(date(2026, 11, 22), 15, without=free) == date(2026, 12, 14)


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        ("2026-11-20", "2026-11-23", 1),  # over a weekend
        ("2026-11-23", "2026-11-23", 0),
        ("2026-11-24", "2026-11-23", 0),
        ("2026-09-30", "2026-10-12", 4),  # 8, 9, 12 October, and Saturday the 10th, which is worked
        ("2026-11-27", "2026-11-29", 0),
    ],
)
def test_workdays_left(since: str, until: str, left: int) -> None:
    assert workdays_left(day(since), day(until)) == left


@pytest.mark.clause("LAW-86")
def test_from_december_on_the_next_year_is_missed() -> None:
    last = last_known_year()
    assert missing_year(date(last, 11, 30)) is None
    assert missing_year(date(last - 1, 12, 31)) is None
    assert missing_year(date(last, 12, 1)) == last + 1
    assert missing_year(date(last + 1, 1, 1)) == last + 1
    assert missing_year(date(last + 2, 6, 1)) == last + 1
