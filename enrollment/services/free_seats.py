"""Where seats are free: by campus of a city, and which cities around have any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import cos, hypot, radians

from django.db.models import Avg, Exists, F, Min, OuterRef, Q, QuerySet, Sum

from courses.models import Campus, City, Programme
from enrollment.models import ClassSession

Place = tuple[float, float]  # latitude and longitude in degrees


@dataclass(frozen=True, kw_only=True)
class FreeSeats:
    """What a campus has to offer: the start of its next free class, and its free seats in a span of time."""

    next_start: datetime
    seats: int


def free_seats(
    *, at: datetime, until: datetime, city: City, programme: Programme | None = None
) -> dict[int, FreeSeats]:
    """By campus id, for campuses with a free class; seats are counted up to ``until``."""
    sessions = ClassSession.objects.bookable(at).in_city(city)
    if programme is not None:
        sessions = sessions.filter(course__programme=programme)
    soon = Q(starts_at__lt=until)
    left = F("capacity") + F("overbook_allowance") - F("seats_taken")
    rows = (
        sessions.values("campus_id")
        .order_by("campus_id")
        .annotate(
            next_start=Min("starts_at"),
            seats=Sum(left, filter=soon, default=0),
        )
    )
    return {row["campus_id"]: FreeSeats(next_start=row["next_start"], seats=row["seats"]) for row in rows}


def cities_with_free_seats(*, at: datetime) -> QuerySet[City]:
    """Cities in which at least one class can be booked."""
    free = ClassSession.objects.bookable(at).filter(campus__city=OuterRef("pk"), campus__active=True)
    return City.objects.bookable().filter(Exists(free))


def nearest_cities(*, city: City, at: datetime, limit: int = 4) -> list[City]:
    """Other cities with a free class, the nearest first; without a place to measure from, by province."""
    around: list[City] = list(cities_with_free_seats(at=at).exclude(pk=city.pk))
    places = _places()
    here = places.get(city.pk)
    if here is None:
        return sorted(around, key=lambda one: (one.province != city.province, not one.common))[:limit]
    return sorted(around, key=lambda one: _distance(here, places[one.pk]))[:limit]


def _places() -> dict[int, Place]:
    """Where cities lie, by id: amid their campuses. Those without any are missing."""
    rows = Campus.objects.order_by("city_id").values_list("city_id")
    amid = rows.annotate(north=Avg("latitude"), east=Avg("longitude"))
    return {city_id: (float(north), float(east)) for city_id, north, east in amid}


def _distance(one: Place, other: Place) -> float:
    """Good enough to put cities in order: degrees on a flat map, meridians drawn together."""
    return hypot(one[0] - other[0], (one[1] - other[1]) * cos(radians((one[0] + other[0]) / 2)))
