"""How one noun of the catalogue is brought up to date, and what that did.

A line of a file is loaded when it is new or reads differently from the line loaded last, and then the whole
row is what the line says. A line that still reads the same is left alone, so what staff changed in the
back office stays until the file's own line changes; then the file wins, and counts as `changed`. A line that
left the file retires its row. Rows are never deleted, and rows that no file ever named are never touched.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TypeVar

from django.db import connection, transaction

from courses.models import CatalogueLine

_CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"
_BETWEEN = "|"  # separates the parts of one cell


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


class Line(Protocol):
    """One line of a file: a frozen dataclass, whose repr says all of it."""

    @property
    def slug(self) -> str: ...


AnyLine = TypeVar("AnyLine", bound=Line)


def read_rows(noun: str) -> Iterator[dict[str, str]]:
    """The rows of ``courses/catalogue/<noun>.csv``, in the file's order."""
    with (_CATALOGUE / f"{noun}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def parts(cell: str) -> tuple[str, ...]:
    """What a cell holds several of."""
    return tuple(cell.split(_BETWEEN)) if cell else ()


@transaction.atomic
def load(
    *,
    noun: str,
    lines: Sequence[AnyLine],
    store: Callable[[list[AnyLine]], None],
    retire: Callable[[Collection[str]], object],
) -> Loaded:
    """Hand ``store`` the lines that are new or changed, and ``retire`` the slugs of those that left."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('courses.load'))")
    before = dict(CatalogueLine.objects.filter(noun=noun).values_list("slug", "digest"))
    now = {line.slug: sha256(repr(line).encode()).hexdigest() for line in lines}
    due = [line for line in lines if before.get(line.slug) != now[line.slug]]
    gone = before.keys() - now.keys()
    if due:
        store(due)
    if gone:
        retire(gone)
    _remember(noun, {line.slug: now[line.slug] for line in due}, gone)
    added = sum(line.slug not in before for line in due)
    return Loaded(
        noun=noun,
        added=added,
        changed=len(due) - added,
        retired=len(gone),
        unchanged=len(lines) - len(due),
    )


def _remember(noun: str, digests: dict[str, str], gone: Collection[str]) -> None:
    CatalogueLine.objects.filter(noun=noun, slug__in=gone).delete()
    CatalogueLine.objects.bulk_create(
        [CatalogueLine(noun=noun, slug=slug, digest=digest) for slug, digest in digests.items()],
        update_conflicts=True,
        unique_fields=["noun", "slug"],
        update_fields=["digest"],
    )
