"""What is left of rows once nobody can be found in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

LEAST = 5  # rows that have to look alike before any of them is told

Value = str | int | None
Coarser = Callable[[Value], Value]


def anonymise(
    rows: Iterable[Mapping[str, Value]], *, coarser: Mapping[str, Sequence[Coarser]], least: int = LEAST
) -> list[dict[str, Value]]:
    """The rows with the named columns alone, so coarse that none stands out; as many as there were.

    Each column has a ladder of ways to say it more coarsely, possibly none. The column with the most
    different values climbs a step as long as ``least`` rows or more are in groups of fewer than ``least``
    alike; rows that still stand out then lose every value. No key, no mapping and no order is kept, and what
    comes out is the same however the rows were ordered: there is nothing by which to go back (PIPL 73).
    Done again, it changes nothing where each ladder's step, done again, does not.
    """
    told = [{column: row.get(column) for column in coarser} for row in rows]
    ladders = {column: list(steps) for column, steps in coarser.items()}
    while (column := _next_to_climb(told, ladders, least)) is not None:
        step = ladders[column].pop(0)
        told = [{**row, column: step(row[column])} for row in told]
    alike = Counter(map(_key, told))
    told = [row if alike[_key(row)] >= least else dict.fromkeys(coarser) for row in told]
    return sorted(told, key=lambda row: repr(_key(row)))


def _next_to_climb(
    rows: Sequence[Mapping[str, Value]], ladders: Mapping[str, Sequence[Coarser]], least: int
) -> str | None:
    """The column to say more coarsely; None where too few rows stand out, or none can be coarser."""
    alike = Counter(_key(row) for row in rows if any(value is not None for value in row.values()))
    if sum(count for count in alike.values() if count < least) < least:
        return None
    different = {column: len({row[column] for row in rows}) for column, steps in ladders.items() if steps}
    return max(sorted(different), key=lambda column: different[column], default=None)


def _key(row: Mapping[str, Value]) -> tuple[Value, ...]:
    return tuple(row.values())
