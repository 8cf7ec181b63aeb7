"""What guardians type about a child: forgiving of spelling, closed to numbers, names of days and other people's ages."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from privacy.minors import typed
from privacy.minors.ages import LAST_MONTH_OF_A_MINOR, months_between
from privacy.minors.exceptions import ChildInvalid
from privacy.minors.typed import month_from, nickname_from


def hint(kind: Callable[[str], object], text: str) -> str:
    with pytest.raises(ChildInvalid) as refused:
        kind(text)
    assert not text.strip() or text not in str(refused.value)
    return str(refused.value.hint)


@pytest.mark.parametrize(
    ("text", "nickname"),
    [
        ("豆豆", "豆豆"),
        ("  小 豆包\u3000", "小 豆包"),
        ("Ｍｉｍｉ", "Mimi"),
        ("小\u200b7", "小7"),
        ("🐼", "🐼"),
        ("甲" * 12, "甲" * 12),
        ("O'Neil", "O'Neil"),
    ],
)
def test_a_nickname_has_one_spelling(text: str, nickname: str) -> None:
    assert nickname_from(text) == nickname


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200f", "\x00"])
def test_a_nickname_is_something(text: str) -> None:
    assert hint(nickname_from, text) == str(typed.NO_NICKNAME)


@pytest.mark.parametrize(
    "text",
    [
        "13800001234",
        "138 0000 1234",
        "豆豆13800001234",
        "１３８００００",
        "一三八零零零零",
        "110101201905170012",
        "11010120190517001X",
        "007",
        "20190517",
        "a@b.cn",
        "www.a.cn",
        "https://a.cn",
    ],
)
def test_a_nickname_is_no_number_and_no_address(text: str) -> None:
    assert hint(nickname_from, text) == str(typed.A_NUMBER)


@pytest.mark.parametrize("text", ["豆" * 13, "豆" * 5000])
def test_a_nickname_is_short(text: str) -> None:
    assert hint(nickname_from, text) == str(typed.TOO_LONG)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_short_nickname_or_refused_with_a_sentence(text: str) -> None:
    try:
        nickname = nickname_from(text)
    except ChildInvalid as refused:
        said = (refused.field, str(refused.hint))
    else:
        said = ("nickname", nickname_from(nickname))
        assert 0 < len(nickname) <= 12
        assert said[1] == nickname
    assert said[0] == "nickname"
    assert said[1]


@pytest.mark.parametrize(
    "text",
    ["2020-05", "2020-5", "2020/05", "2020.5", "2020年5月", "2020 年 05 月", "202005", "２０２０－０５"],
)
def test_a_month_in_any_spelling(text: str) -> None:
    assert month_from(text) == date(2020, 5, 1)


@pytest.mark.clause("L-PP-4.5-2")
@pytest.mark.parametrize("text", ["2020-05-17", "2020/5/17", "20200517", "2020年5月17日"])
def test_a_birthday_is_not_taken(text: str) -> None:
    assert hint(month_from, text) == str(typed.A_DAY)


@pytest.mark.parametrize("text", ["", "2020", "五月", "2020-13", "2020-00", "0000-05", "05-2020", "2020-05x"])
def test_what_is_no_month_is_refused(text: str) -> None:
    assert hint(month_from, text) == str(typed.NO_MONTH)


def test_a_date_loses_its_day() -> None:
    assert month_from(date(2020, 5, 17)) == date(2020, 5, 1)


def test_nobody_unborn_and_nobody_grown_up(time_machine: TimeMachineFixture) -> None:
    # Half past midnight of 1 December in Shanghai, still November in Greenwich.
    time_machine.move_to("2026-11-30T16:30:00Z", tick=False)
    assert month_from("2026-12") == date(2026, 12, 1)
    assert hint(month_from, "2027-01") == str(typed.TO_COME)
    assert month_from("2008-12") == date(
        2008, 12, 1
    )  # turns 18 this month, grown up on the first of the next
    assert hint(month_from, "2008-11") == str(typed.GROWN_UP)
    assert months_between(date(2008, 12, 1), date(2026, 12, 31)) == LAST_MONTH_OF_A_MINOR


def whole_months(birthday: date, on: date) -> int:
    """The age as law counts it; a birthday on a day the month has not comes round on the next one's first."""
    months = (on.year - birthday.year) * 12 + on.month - birthday.month
    return months - (on.day < birthday.day)


DAYS = st.dates(date(2008, 1, 1), date(2026, 12, 31))


@given(DAYS, DAYS)
def test_months_are_never_fewer_than_the_child_has_lived_and_at_most_one_more(
    birthday: date, on: date
) -> None:
    counted = months_between(birthday.replace(day=1), on)
    assert whole_months(birthday, on) <= counted <= whole_months(birthday, on) + 1


@given(st.dates(date(2015, 1, 1), date(2026, 12, 1)), st.integers(0, 200))
def test_an_age_begins_on_the_first_and_lasts_a_month(birthday: date, months: int) -> None:
    born = birthday.replace(day=1)
    year, month = divmod(born.month - 1 + months, 12)
    first = date(born.year + year, month + 1, 1)
    assert months_between(born, first) == months
    assert months_between(born, first - timedelta(days=1)) == months - 1


@pytest.mark.parametrize(
    ("birthday", "on", "months"),
    [
        (date(2020, 2, 29), date(2024, 2, 28), 48),
        (date(2020, 2, 29), date(2024, 2, 29), 48),
        (date(2020, 2, 29), date(2023, 2, 28), 36),
        (date(2020, 2, 29), date(2024, 1, 31), 47),
        (date(2019, 12, 31), date(2020, 1, 1), 1),
        (date(2020, 5, 1), date(2020, 4, 30), -1),
    ],
)
def test_the_day_plays_no_part(birthday: date, on: date, months: int) -> None:
    assert months_between(birthday, on) == months == months_between(birthday.replace(day=1), on)
