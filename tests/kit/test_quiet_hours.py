"""When people may be written to."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kit.quiet_hours import evening_before, is_waking, next_waking

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "waking", "following", "evening"),
    [
        (at(10, 8), True, at(10, 8), at(10, 8)),
        (at(10, 20, 59), True, at(10, 20, 59), at(10, 20, 59)),
        (at(10, 21), False, at(11, 8), at(10, 20, 30)),
        (at(10, 23, 59), False, at(11, 8), at(10, 20, 30)),
        (at(11, 0), False, at(11, 8), at(10, 20, 30)),
        (at(11, 7, 59), False, at(11, 8), at(10, 20, 30)),
        (at(31, 22), False, datetime(2027, 1, 1, 8, tzinfo=SHANGHAI), at(31, 20, 30)),
    ],
)
def test_the_night_has_a_morning_after_and_an_evening_before(
    moment: datetime, waking: bool, following: datetime, evening: datetime
) -> None:
    for told in (moment, moment.astimezone(ZoneInfo("America/New_York"))):
        assert is_waking(told) is waking
        assert next_waking(told) == following
        assert evening_before(told) == evening
