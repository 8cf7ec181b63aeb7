"""What is held, as a chest of drawers: one for each thing it is held for, with how much lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from privacy.rights.services.holdings import Holding

_WIDEST = 100  # units of the picture
_NARROWEST = 6


@dataclass(frozen=True)
class Drawer:
    """One drawer: what it is for, how many rows lie in it, of which kinds, and how wide its bar is drawn."""

    title: str
    count: int
    kinds: list[tuple[str, int]]
    width: int


def drawers(holdings: Sequence[Holding]) -> list[Drawer]:
    """The drawers, in the order in which people live it."""
    inside: dict[str, list[tuple[str, int]]] = {}
    for holding in holdings:
        kinds = inside.setdefault(holding.area.purposes[0], [])
        kinds.append((str(holding.area.title), holding.count))
    sums = {title: sum(count for _kind, count in kinds) for title, kinds in inside.items()}
    most = max(sums.values(), default=1)
    return [Drawer(title, sums[title], kinds, _width(sums[title], most)) for title, kinds in inside.items()]


def _width(count: int, most: int) -> int:
    """By orders of magnitude: hundreds of messages beside one account leave both to be seen."""
    return max(_NARROWEST, round(_WIDEST * log2(count + 1) / log2(most + 1)))
