"""Nobody is found in what is left: no value stands out, nothing leads back, and the order tells nothing."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.retention.services.anonymising import Value, anonymise


def _tens(value: Value) -> Value:
    return None if value is None else int(value) // 10 * 10


def _first(value: Value) -> Value:
    return None if value is None else str(value)[:1]


def _nothing(value: Value) -> Value:
    return None


COARSER = {"age": (_tens, _nothing), "town": (_first,), "colour": ()}
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.uuids().map(str),
            "age": st.integers(0, 99),
            "town": st.sampled_from(["beijing", "baoding", "shanghai", "suzhou", "xian"]),
            "colour": st.sampled_from(["red", "green"]),
        }
    ),
    max_size=60,
)


def told(rows: list[dict[str, Any]], **options: Any) -> list[dict[str, Value]]:
    return anonymise(rows, coarser=COARSER, **options)


@pytest.mark.clause("L-PP-4.1-3d")
@given(PEOPLE, st.integers(2, 7))
def test_whoever_is_told_looks_like_others(rows: list[dict[str, Any]], least: int) -> None:
    left = told(rows, least=least)
    alike = Counter(tuple(row.values()) for row in left)
    assert all(count >= least for values, count in alike.items() if set(values) != {None})


@given(PEOPLE, st.integers(2, 7))
def test_no_value_that_was_somebody_s_alone_survives(rows: list[dict[str, Any]], least: int) -> None:
    left = told(rows, least=least)
    for column in ("town", "colour"):  # whose coarser words are none of the finer ones
        rare = {value for value, count in Counter(row[column] for row in rows).items() if count < least}
        assert not rare & {row[column] for row in left}


@given(PEOPLE)
def test_nothing_that_was_not_named_comes_along(rows: list[dict[str, Any]]) -> None:
    left = told(rows)
    assert len(left) == len(rows)
    assert all(set(row) == set(COARSER) for row in left)
    assert not {row["id"] for row in rows} & {value for row in left for value in row.values()}


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_leads_nobody_back(rows: list[dict[str, Any]], chance: Any) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert told(rows) == told(shuffled)


@given(PEOPLE, PEOPLE)
def test_who_was_who_cannot_be_told(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """Two crowds that differ in their ids alone come out the same: the ids have no part in it."""
    renamed = [{**row, "id": other["id"]} for row, other in zip(rows, others, strict=False)]
    assert told(rows[: len(renamed)]) == told(renamed)


@given(PEOPLE)
def test_again_it_changes_nothing(rows: list[dict[str, Any]]) -> None:
    once = told(rows)
    assert told(once) == once


def test_as_little_as_needed_is_lost() -> None:
    crowd = [{"age": 30 + n, "town": "beijing", "colour": "red"} for n in range(5)]
    assert told(crowd) == [{"age": 30, "town": "beijing", "colour": "red"}] * 5


def test_four_are_too_few() -> None:
    four = [{"age": 30, "town": "beijing", "colour": "red"}] * 4
    assert told(four) == [{"age": None, "town": None, "colour": None}] * 4
