"""Ages as parents say them."""

import pytest

from kit.months import in_years, span_in_years


@pytest.mark.parametrize(
    ("months", "words"), [(48, "4 岁"), (83, "6 岁 11 个月"), (9, "9 个月"), (0, "0 个月")]
)
def test_an_age_is_said_in_years_and_months(months: int, words: str) -> None:
    assert in_years(months) == words


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [
        (84, 119, "7–9 岁"),
        (48, 59, "4 岁"),
        (0, 35, "0–2 岁"),
        (48, 84, "4 岁–7 岁"),
        (50, 83, "4 岁 2 个月–6 岁 11 个月"),
    ],
)
def test_whole_years_are_said_as_years_alone(least: int, most: int, words: str) -> None:
    assert span_in_years(least, most) == words
