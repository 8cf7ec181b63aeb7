"""Whether the figures the site gives still fit the rows they speak of."""

from __future__ import annotations

from dataclasses import dataclass

from courses.models import Campus, City
from website.models import SiteText

_ALMOST = 0.9  # of the figure; below that nobody would say "almost"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A figure that says ``said`` where there are ``there``."""

    of: str  # "cities" or "campuses"
    said: int
    there: int


def find_drift() -> list[Drift]:
    """The figures that no longer hold: "almost 80" is said of 72 to 80."""
    text = SiteText.objects.get()
    compared = (
        Drift(of="cities", said=text.almost_cities, there=City.objects.bookable().count()),
        Drift(of="campuses", said=text.almost_campuses, there=Campus.objects.open_to_parents().count()),
    )
    return [each for each in compared if not _ALMOST * each.said <= each.there <= each.said]
