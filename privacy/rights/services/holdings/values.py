"""How many rows of each kind there are, and their values: page by page, a page's keys in one query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet

from privacy.audit.services import record
from privacy.inventory.pages import bind_page
from privacy.inventory.telling import Reader
from privacy.keystore.services import key_scope, restricted_allowed
from privacy.rights.exceptions import NotTheirs
from privacy.rights.services.holdings.areas import Area, areas
from privacy.rights.services.holdings.finding import rows_about
from privacy.rights.services.holdings.readings import Reading
from privacy.rights.services.holdings.wording import as_masked, as_read

PAGE = 200  # rows opened at a time: what memory holds


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """How much of one kind there is."""

    area: Area
    count: int

    @property
    def kinds(self) -> list[str]:
        """What a row of it says."""
        return [str(field.title) for field in self.area.fields]


def counts(
    *, reading: Reading, ward: UUID | None = None, using: dict[str, str] | None = None
) -> list[Holding]:
    """Each kind there is of the reader, or of their child ``ward``, and how much of it.

    ``using``: aliases to ask instead, by the name of the database. Nothing is opened. Raises NotTheirs for a
    child that is not the reader's.
    """
    _let_in(reading, ward)
    aliases, found = using or {}, []
    with key_scope(), restricted_allowed(_own(reading)):
        for area in areas(of_child=ward is not None):
            there = rows_about(area, reading.subject_id, ward)
            if count := there.using(aliases.get(area.database, area.database)).count():
                found.append(Holding(area=area, count=count))
    return found


def rows(
    area: Area, *, reading: Reading, ward: UUID | None = None, using: str | None = None
) -> Iterator[dict[str, str]]:
    """The rows of an area, the oldest first: each a text for each of ``area.fields``, by the field's id.

    ``using`` is the alias of a connection to the area's database, such as one with a snapshot: it alone is
    asked for rows. A page is in memory at a time. The look is on record in `default`, in the caller's
    transaction. Raises NotTheirs for a child that is not the reader's, and for an officer who asks for one.
    """
    _let_in(reading, ward)
    if ward is not None and reading.masked:
        raise NotTheirs  # what is a child's nobody here opens without an approval
    reader = reading.reader()
    with transaction.atomic():
        record("holdings.read", by=reading.by, subject=ward or reading.subject_id, detail={"area": area.name})
    with key_scope(), restricted_allowed(_own(reading)):
        found = rows_about(area, reading.subject_id, ward).using(using or area.database)
    return _pages(area, found, reading, reader)


def _pages(area: Area, found: QuerySet[Model], reading: Reading, reader: Reader) -> Iterator[dict[str, str]]:
    whole = found.iterator(chunk_size=PAGE)
    own = _own(reading)
    put = as_masked if reading.masked else as_read
    while page := list(islice(whole, PAGE)):
        # Whatever is set aside for a block must not outlive a yield: the caller runs in between.
        with key_scope(), restricted_allowed(own):
            bind_page(page)
            told = [{field.id: put(field, row, reader) for field in area.fields} for row in page]
        yield from told


def _own(reading: Reading) -> tuple[UUID, ...]:
    """Whose restricted keys work: who restricted the use of their data still reads it (PIPL 44, 45)."""
    return () if reading.masked else (reading.subject_id, *reading.wards)


def _let_in(reading: Reading, ward: UUID | None) -> None:
    if ward is not None and not reading.masked and ward not in reading.wards:
        raise NotTheirs
