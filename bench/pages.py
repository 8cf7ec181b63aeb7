"""Cached public pages beside a view that returns a fixed string behind the same middleware."""

from collections.abc import Iterator

from bench.load import get, rates
from bench.report import Line, at_least, heading
from bench.shown import FLOOR, Shown

BAR = 0.5  # of the floor's throughput


def measure(port: int, shown: Shown, *, seconds: float, rounds: int) -> Iterator[str | Line]:
    """Lines of the table, as they come. ``seconds`` is how long a page is asked for in each round."""
    yield heading("Public pages, anonymous, 8 connections (bar: half of the floor)", "page", "fixed", "share")
    for path in ("/", "/cities/", f"/cities/{shown.city}/", f"/campuses/{shown.campus}/"):
        asked = [get(path), get(FLOOR)]
        found = [rates(port, asked, seconds=seconds / 4, slices=4) for _ in range(rounds)]
        yield at_least(BAR, what=path, rates=[(page, floor) for page, floor in found])
