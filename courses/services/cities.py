"""The list of cities: read from its file, checked, and brought into the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from courses.enums import CityLevel
from courses.exceptions import CatalogueInvalid
from courses.models import City
from courses.services.loading import Loaded, load, read_rows


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
    common: bool


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
        common=row["common"] == "yes",
    )


def load_cities(*, rows: Sequence[CityRow]) -> Loaded:
    """Load the lines that are new or changed. A city that left the list is closed to booking, its row stays.

    Raises CatalogueInvalid when two rows share a slug or a name, or a level is unknown.
    """
    _check(rows)
    return load(
        noun="cities",
        lines=rows,
        store=_store,
        retire=lambda slugs: City.objects.filter(slug__in=slugs).update(active=False),
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


def _store(rows: list[CityRow]) -> None:
    columns = [field.name for field in fields(CityRow) if field.name != "slug"]
    City.objects.bulk_create(
        [City(**asdict(row), active=True) for row in rows],
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*columns, "active"],
    )
    _link_parents()


def _link_parents() -> None:
    """Once every city exists: the city that ``within`` names becomes the parent, if the list has it."""
    cities = list(City.objects.all())
    by_name = {city.name: city for city in cities}
    for city in cities:
        parent = by_name.get(city.within)
        if city.parent_id != (parent.pk if parent else None):
            city.parent = parent
            city.save(update_fields=["parent"])
