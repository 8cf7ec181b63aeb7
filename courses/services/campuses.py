"""Campuses with their rooms and teachers: read from their file and brought into the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from courses.models import Campus, City, Room, Teacher
from courses.services.loading import Loaded, load, parts, read_rows

_COLUMNS = [
    "name", "district", "address", "how_to_come", "phone", "latitude", "longitude",
    "opens_at", "closes_at", "rest_day",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CampusRow:
    """One campus as the file says it, its city by slug, its rooms with their seats.

    Coordinates are GCJ-02, as maps in mainland China draw them. ``rest_day`` counts from Monday, 0.
    """

    slug: str
    name: str
    city: str
    district: str
    address: str
    how_to_come: str
    phone: str
    latitude: Decimal
    longitude: Decimal
    opens_at: time
    closes_at: time
    rest_day: int | None
    rooms: tuple[tuple[str, int], ...]
    teachers: tuple[str, ...]


def read_campuses() -> list[CampusRow]:
    """The file's campuses, in its order."""
    return [_row(row) for row in read_rows("campuses")]


def _row(row: dict[str, str]) -> CampusRow:
    rooms = (room.rsplit(" ", 1) for room in parts(row["rooms"]))
    return CampusRow(
        **{name: row[name] for name in ("slug", "name", "city", "district", "address", "phone")},
        how_to_come="\n".join(parts(row["how_to_come"])),
        latitude=Decimal(row["latitude"]),
        longitude=Decimal(row["longitude"]),
        opens_at=time.fromisoformat(row["opens_at"]),
        closes_at=time.fromisoformat(row["closes_at"]),
        rest_day=int(row["rest_day"]) if row["rest_day"] else None,
        rooms=tuple((name, int(seats)) for name, seats in rooms),
        teachers=parts(row["teachers"]),
    )


def load_campuses(*, rows: Sequence[CampusRow]) -> Loaded:
    """Load the lines that are new or changed, and their rooms and teachers. One that left the file closes.

    Rooms and teachers that a changed line does not name stay as they are: staff may have added them.
    """
    return load(
        noun="campuses",
        lines=rows,
        store=_store,
        retire=lambda slugs: Campus.objects.filter(slug__in=slugs).update(active=False),
    )


def _store(rows: list[CampusRow]) -> None:
    cities = {city.slug: city for city in City.objects.all()}
    stored = Campus.objects.bulk_create(
        [
            Campus(
                slug=row.slug,
                city=cities[row.city],
                active=True,
                **{column: getattr(row, column) for column in _COLUMNS},
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*_COLUMNS, "city", "active", "changed_at"],
    )
    _store_inside(list(zip(stored, rows, strict=True)))


def _store_inside(campuses: list[tuple[Campus, CampusRow]]) -> None:
    Room.objects.bulk_create(
        [
            Room(campus=campus, name=name, seats=seats, active=True)
            for campus, row in campuses
            for name, seats in row.rooms
        ],
        update_conflicts=True,
        unique_fields=["campus", "name"],
        update_fields=["seats", "active"],
    )
    Teacher.objects.bulk_create(
        [
            Teacher(campus=campus, stage_name=name, active=True)
            for campus, row in campuses
            for name in row.teachers
        ],
        update_conflicts=True,
        unique_fields=["campus", "stage_name"],
        update_fields=["active"],
    )
