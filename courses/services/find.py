"""Finding a city by what a parent types."""

import unicodedata

from django.db.models import Q

from courses.models import City, CityQuerySet

LONGEST_NAME = 40  # characters; no city's name in any spelling is longer


def find_cities(*, q: str) -> list[City]:
    """Bookable cities whose name holds ``q``, or whose pinyin or initials begin with it.

    Capitals, full-width letters, spaces and a closing 市 make no difference. A county is also found by the
    city it lies in. In the order of the list: syllable by syllable.
    """
    wanted = _folded(q)
    if not wanted or len(wanted) > LONGEST_NAME:
        return []
    return list(_matching(wanted))


def _folded(typed: str) -> str:
    """Letters and digits alone, so that neither a space nor an apostrophe (xi'an) stands between."""
    whole = unicodedata.normalize("NFKC", typed).casefold()
    letters = "".join(character for character in whole if character.isalnum())
    return letters.removesuffix("市") or letters


def _matching(wanted: str) -> CityQuerySet:
    return City.objects.bookable().filter(
        Q(name__contains=wanted)
        | Q(within__startswith=wanted)
        | Q(pinyin__startswith=wanted)
        | Q(abbreviation__startswith=wanted)
    )
