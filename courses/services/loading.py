"""How one noun of the catalogue is brought up to date: rows added, changed, retired, never deleted."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What loading did to one noun."""

    noun: str
    added: int
    changed: int
    retired: int
    unchanged: int

    def __str__(self) -> str:
        return (
            f"{self.noun}: {self.added} added, {self.changed} changed, "
            f"{self.retired} retired, {self.unchanged} unchanged"
        )


def read_rows(noun: str) -> Iterator[dict[str, str]]:
    """The rows of ``courses/catalogue/<noun>.csv``, in the file's order."""
    with (_CATALOGUE / f"{noun}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
