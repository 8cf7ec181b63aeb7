"""When a request is due, reckoned anew: we waited for the person, or the calendar knows more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kit.workdays import last_known_year
from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.rights.clock import Waited, due_at
from privacy.rights.enums import CLOSED, WAITING_FOR_THEM, Clock, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.steps import happened, held

_AT_ONCE = 500  # requests read together


def resume(*, request: DataSubjectRequest, at: datetime) -> None:
    """The wait for the person of a held request is over: its deadline moves by the days waited (X2-5.8b)."""
    waited = _waited(request, at)
    before = _due(request, waited[:-1])
    _put(request, _due(request, waited))
    _say_moved(request, before, "waited")


def reckon_again(*, at: datetime) -> int:
    """Reckon every open request as of ``at``; how many deadlines moved.

    A deadline goes where the calendar at hand puts it, later or earlier, and the request's history says from
    which day. While we wait for the person it goes along day by day, which is written down when the wait is
    over. A request reckoned by a newer calendar than the one at hand keeps its day.
    """
    rows = DataSubjectRequest.objects.open().filter(calendar_until__lte=last_known_year())
    stale = [
        row.pk
        for row in rows.prefetch_related("events").iterator(chunk_size=_AT_ONCE)
        if _due(row, _waited(row, at)) != row.due_at or row.calendar_until != last_known_year()
    ]
    return sum(_again(pk, at) for pk in stale)


@transaction.atomic
def _again(pk: UUID, at: datetime) -> bool:
    row = held(pk)
    if row.state in CLOSED:
        return False
    before = row.due_at
    _put(row, _due(row, _waited(row, at)))
    if row.state not in WAITING_FOR_THEM:
        _say_moved(row, before, "reckoned")
    return row.due_at != before


def _put(row: DataSubjectRequest, due: datetime) -> None:
    if due > row.due_at:
        row.warned = None  # there is time again, and another end of it
    row.due_at, row.calendar_until = due, last_known_year()
    row.save(update_fields=["due_at", "calendar_until", "warned"])


def _say_moved(row: DataSubjectRequest, before: datetime, what: Literal["waited", "reckoned"]) -> None:
    """Write down from which day to which the deadline moved, if it did."""
    if row.due_at == before:
        return
    days = [timezone.localdate(moment) for moment in (before, row.due_at)]
    happened(row, what, by=SYSTEM, note=f"{days[0]} {days[1]}")
    detail = {"days": (days[1] - days[0]).days, "calendar_until": row.calendar_until}
    record(f"request.{what}", by=SYSTEM, subject=row.subject_id, target=row, detail=detail)


def _due(row: DataSubjectRequest, waited: Sequence[Waited]) -> datetime:
    return due_at(clock=Clock(row.clock), received_at=row.received_at, waited=waited)


def _waited(row: DataSubjectRequest, at: datetime) -> list[Waited]:
    """Each span in which its state was one that waits, from its history."""
    spans: list[Waited] = []
    since: datetime | None = None
    for event in sorted(row.events.all(), key=lambda event: (event.at, event.pk)):
        if event.what in WAITING_FOR_THEM:
            since = since or event.at
        elif event.what in RequestState.values and since is not None:
            spans.append(Waited(since, event.at))
            since = None
    return [*spans, Waited(since, at)] if since is not None else spans
