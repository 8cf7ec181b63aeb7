"""The list of cities: read from its file, checked, and brought into the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import connection, transaction

from courses.enums import CityLevel
from courses.exceptions import CatalogueInvalid
from courses.models import City
from courses.services.loading import Loaded, read_rows


@dataclass(frozen=True, kw_only=True)
class CityRow:
    """One city as the file says it: the columns of its row, the parent named in ``within``."""

    slug: str
    name: str
    pinyin: str
    syllables: str
    abbreviation: str
    initial: str
    level: str
    province: str
    within: str
    position: int


def read_cities() -> list[CityRow]:
    """The file's cities in page order; ``syllables`` gives slug, pinyin and initials in one spelling."""
    return [_row(position, row) for position, row in enumerate(read_rows("cities"), start=1)]


def _row(position: int, row: dict[str, str]) -> CityRow:
    syllables = row["syllables"].split()
    pinyin = "".join(syllables)
    return CityRow(
        slug=pinyin,
        name=row["name"],
        pinyin=pinyin,
        syllables=" ".join(syllables),
        abbreviation="".join(syllable[0] for syllable in syllables),
        initial=pinyin[:1].upper(),
        level=row["level"],
        province=row["province"],
        within=row["within"],
        position=position,
    )


@transaction.atomic
def load_cities(*, rows: Sequence[CityRow]) -> Loaded:
    """Make the table say what ``rows`` say. A city that left the list is closed to booking, its row stays.

    Raises CatalogueInvalid when two rows share a slug or a name, or a level is unknown.
    """
    _check(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('courses.load_cities'))")
    known = {city.slug: city for city in City.objects.all()}
    outcome = Counter(_store(row, known) for row in rows)
    _link_parents(known)
    leaving = [city.pk for slug, city in known.items() if city.active and slug not in {r.slug for r in rows}]
    return Loaded(
        noun="cities",
        added=outcome["added"],
        changed=outcome["changed"],
        unchanged=outcome["unchanged"],
        retired=City.objects.filter(pk__in=leaving).update(active=False),
    )


def _check(rows: Sequence[CityRow]) -> None:
    for column in ("slug", "name"):
        counted = Counter(str(getattr(row, column)) for row in rows)
        twice = [value for value, times in counted.items() if times > 1]
        if twice:
            raise CatalogueInvalid(f"cities.csv names {', '.join(twice)} twice. Keep one row of each.")
    unknown = {row.level for row in rows} - set(CityLevel.values)
    if unknown:
        raise CatalogueInvalid(f"cities.csv has no such level: {', '.join(unknown)}. See courses/enums.py.")


def _store(row: CityRow, known: dict[str, City]) -> str:
    """Write the row's own columns; the parent follows once every city exists."""
    wanted = asdict(row) | {"active": True}
    city = known.get(row.slug)
    if city is None:
        known[row.slug] = City.objects.create(**wanted)
        return "added"
    changes = {column: value for column, value in wanted.items() if getattr(city, column) != value}
    if not changes:
        return "unchanged"
    for column, value in changes.items():
        setattr(city, column, value)
    city.save(update_fields=list(changes))
    return "changed"


def _link_parents(known: dict[str, City]) -> None:
    by_name = {city.name: city for city in known.values()}
    for city in known.values():
        parent = by_name.get(city.within)
        if city.parent_id != (parent.pk if parent else None):
            city.parent = parent
            city.save(update_fields=["parent"])
