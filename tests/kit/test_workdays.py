"""Holidays and workdays of China, and what is said of years whose notice is not out."""

import logging
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import workdays
from kit.workdays import is_holiday, is_known, is_workday


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
