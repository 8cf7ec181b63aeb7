"""Cities and campuses as parents read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, takewhile

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from courses.models import Campus, City
from courses.services.hours import Opening, opening
from enrollment.services.free_seats import FreeSeats
from kit.day_words import day_in_words, span

_SUGGESTED = 8


@dataclass(frozen=True, kw_only=True)
class CampusCard:
    """A campus in a list. ``next_day`` is empty where no class is free; seats are those of the next days."""

    campus: Campus
    opening: Opening
    next_day: str
    next_start: datetime | None
    seats: int


def campus_card(campus: Campus, free: FreeSeats | None, at: datetime) -> CampusCard:
    """``campus`` with what it has free, as of ``at``."""
    start = free.next_start if free else None
    return CampusCard(
        campus=campus,
        opening=opening(campus=campus, at=at),
        next_day=day_in_words(timezone.localdate(start), at) if start else "",
        next_start=start,
        seats=free.seats if free else 0,
    )


def hours_in_words(campus: Campus) -> str:
    """When the campus is open, week by week: 9:30–18:30，星期一和法定节假日休息."""
    hours = span(campus.opens_at, campus.closes_at)
    if campus.rest_day is None:
        return _("%(hours)s，法定节假日休息") % {"hours": hours}
    return _("%(hours)s，%(day)s和法定节假日休息") % {"hours": hours, "day": WEEKDAYS[campus.rest_day]}


def by_letter(cities: Iterable[City]) -> list[tuple[str, list[City]]]:
    """Cities under the letters they begin with. ``cities`` are in the order of their pinyin."""
    return [(letter, list(group)) for letter, group in groupby(cities, key=lambda city: city.initial)]


def suggestions(cities: Sequence[City], typed: str) -> list[City]:
    """What somebody may have meant whose words no city answers to; often nothing.

    The cities of a province that was typed; else those that share the most first letters with it.
    """
    typed = typed.strip().lower()
    around = [city for city in cities if typed and (city.province.startswith(typed) or city.within == typed)]
    if around:
        return around[:_SUGGESTED]
    shared = {city.pk: _shared(city.pinyin, typed) for city in cities}
    most = max(shared.values(), default=0)
    return [city for city in cities if most and shared[city.pk] == most][:_SUGGESTED]


def _shared(one: str, other: str) -> int:
    """With how many letters both begin."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
