"""Open now, or when again: hours, rest days, statutory holidays."""

from datetime import datetime, time

import pytest

from courses.models import Campus
from courses.services.hours import opening
from tests.places import SHANGHAI


def said(at: str, rest_day: int | None = None, active: bool = True) -> tuple[bool, str]:
    campus = Campus(opens_at=time(9, 30), closes_at=time(18, 30), rest_day=rest_day, active=active)
    now = opening(campus=campus, at=datetime.fromisoformat(at).replace(tzinfo=SHANGHAI))
    return now.open, now.words


@pytest.mark.clause("L-SITE-10")
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23 09:29:59", (False, "还没开门，今天 9:30 开门")),
        ("2026-11-23 09:30:00", (True, "营业中，18:30 关门")),
        ("2026-11-23 18:29:59", (True, "营业中，18:30 关门")),
        ("2026-11-23 18:30:00", (False, "已关门，明天 9:30 开门")),
        # Weekends are ordinary days.
        ("2026-11-21 12:00:00", (True, "营业中，18:30 关门")),
        ("2026-11-22 12:00:00", (True, "营业中，18:30 关门")),
        # So is a weekend that is worked to make up for a holiday, and the day before one.
        ("2026-10-10 12:00:00", (True, "营业中，18:30 关门")),
        ("2026-09-30 20:00:00", (False, "已关门，10 月 8 日 9:30 开门")),
        ("2026-10-01 12:00:00", (False, "法定节假日休息，10 月 8 日 9:30 开门")),
        ("2026-10-07 12:00:00", (False, "法定节假日休息，明天 9:30 开门")),
        ("2026-02-16 12:00:00", (False, "法定节假日休息，2 月 24 日 9:30 开门")),
    ],
)
def test_hours_and_statutory_holidays(at: str, expected: tuple[bool, str]) -> None:
    assert said(at) == expected


def test_a_rest_day_is_told_apart_from_a_holiday() -> None:
    assert said("2026-11-23 12:00", rest_day=0) == (False, "今天休息，明天 9:30 开门")
    assert said("2026-11-22 19:00", rest_day=0) == (False, "已关门，后天 9:30 开门")
    assert said("2026-10-05 12:00", rest_day=0) == (False, "法定节假日休息，10 月 8 日 9:30 开门")


def test_the_time_counts_in_shanghai_wherever_it_was_read() -> None:
    campus = Campus(opens_at=time(9, 30), closes_at=time(18, 30), active=True)
    assert opening(campus=campus, at=datetime.fromisoformat("2026-11-23T02:00:00+00:00")).open
    assert not opening(campus=campus, at=datetime.fromisoformat("2026-11-23T12:00:00+00:00")).open


def test_a_campus_that_is_closed_for_good_names_no_day() -> None:
    assert said("2026-11-23 12:00", active=False) == (False, "暂时不开放")
