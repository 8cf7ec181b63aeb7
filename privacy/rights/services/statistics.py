"""How many requests came in, and what became of them in time, for the officers' table and chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Count, F, Q
from django.db.models.functions import ExtractMonth
from django.utils import timezone

from privacy.rights.enums import RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest

MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Tally:
    """Numbers of requests. All of them speak of the requests that came in, whenever they were closed."""

    received: int = 0
    closed: int = 0
    on_time: int = 0
    """Closed by the day they were due, or the rest by the day promised for it."""
    late: int = 0
    """Closed after that, or still owed by now."""
    refused: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of receipt (Asia/Shanghai)."""

    month: int
    """1 to 12."""
    by_kind: Mapping[RequestKind, Tally]
    """Kinds that nobody asked for are left out."""

    @property
    def total(self) -> Tally:
        return sum(self.by_kind.values(), start=Tally())


def by_month(year: int, *, at: datetime) -> list[Month]:
    """The twelve months of ``year`` as they stand at ``at``. A request for several rights counts as one."""
    found: dict[int, dict[RequestKind, Tally]] = {month: {} for month in MONTHS}
    for month, kind, *counts in _counted(year, at):
        found[month][RequestKind(kind)] = Tally(*counts)
    return [Month(month, found[month]) for month in MONTHS]


def _counted(year: int, at: datetime) -> list[tuple[int, str, int, int, int, int, int]]:
    began, ended = (timezone.make_aware(datetime(of, 1, 1)) for of in (year, year + 1))  # noqa: DTZ001  made aware
    closed, owed = Q(closed_at__isnull=False), Q(pk__in=DataSubjectRequest.objects.overdue(at).values("pk"))
    in_time = Q(closed_at__lte=F("due_at")) | Q(closed_at__date__lte=F("remains_until"))
    after = Q(closed_at__gt=F("due_at")) & (Q(remains_until=None) | Q(closed_at__date__gt=F("remains_until")))
    rows = DataSubjectRequest.objects.filter(received_at__gte=began, received_at__lt=ended)
    return list(
        rows.annotate(month=ExtractMonth("received_at"))
        .values("month", "kind")
        .annotate(
            received=Count("pk"),
            closed=Count("pk", filter=closed),
            on_time=Count("pk", filter=in_time & ~owed),
            late=Count("pk", filter=after | owed),
            refused=Count("pk", filter=Q(state=RequestState.REFUSED)),
        )
        .order_by("month", "kind")
        .values_list("month", "kind", "received", "closed", "on_time", "late", "refused")
    )
