"""One search of every place, and what it says: counts and places, never what was looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kit.needles import Hit, Needles, Value, search
from leap.services.residue.places import Place, Unreadable, places
from leap.services.residue.reach import Reach


@dataclass
class PlaceReport:
    """``hits`` by piece; ``bytes`` as read, not counting what was packed in them."""

    name: str
    unreached: str = ""
    note: str = ""
    files: int = 0
    bytes: int = 0
    hits: dict[str, set[Hit]] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return sum(len(hits) for hits in self.hits.values())

    @property
    def spelled(self) -> set[Hit]:
        return set().union(*self.hits.values())

    def as_json(self) -> dict[str, int | str]:
        """As a run keeps it."""
        counted: dict[str, int | str] = {"files": self.files, "bytes": self.bytes, "found": self.found}
        return counted | ({"unreached": self.unreached} if self.unreached else {})


Tell = Callable[[PlaceReport], None]


def scan(
    values: Sequence[Value], *, reach: Reach | None = None, tell: Tell | None = None
) -> list[PlaceReport]:
    """Look everywhere; ``tell`` hears of each place as it is done. Raises TooShort."""
    needles = Needles(values)
    return look(needles, places(reach or Reach.here()), tell)


def look(needles: Needles, into: Iterable[Place], tell: Tell | None = None) -> list[PlaceReport]:
    """Look into these places. One that cannot be read is reported as such, and found nothing to be empty."""
    reports = []
    for place in into:
        report = PlaceReport(place.name, place.unreached, place.note)
        if not place.unreached:
            _look_into(place, needles, report)
        reports.append(report)
        if tell:
            tell(report)
    return reports


def findings(reports: Iterable[PlaceReport]) -> int:
    """How much was found in all."""
    return sum(report.found for report in reports)


def _look_into(place: Place, needles: Needles, report: PlaceReport) -> None:
    try:
        for name, chunks in place.pieces():
            looked = search(needles, chunks, lzf=place.redis_strings)
            report.files += 1
            report.bytes += looked.size
            if looked.hits:
                report.hits[name] = looked.hits
    except Unreadable as trouble:
        report.unreached = str(trouble)
