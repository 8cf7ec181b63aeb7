"""Taking a request in: by whoever is signed in, by anybody at the open door, by staff for a caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kit.uuid7 import uuid7
from kit.workdays import last_known_year
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.clock import due_at
from privacy.rights.enums import (
    AT_ONCE,
    OPEN_TO_ALL,
    Entrance,
    Identity,
    OnBehalf,
    RequestKind,
    RequestState,
    clock_of,
)
from privacy.rights.models import DataSubjectRequest, RequestedRight
from privacy.rights.models.names import hash_of, new_receipt
from privacy.rights.services.alarming import raise_alarm
from privacy.rights.services.steps import happened, step

_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks for. It prints without what they wrote."""

    kinds: Sequence[RequestKind]
    on_behalf: OnBehalf = OnBehalf.SELF
    concerning_id: UUID | None = None
    words: str = field(default="", repr=False)
    phone: str | None = field(default=None, repr=False)
    """E.164, left by somebody who is not signed in."""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A request taken in. ``receipt`` is told once, to whoever came by the open door."""

    request: DataSubjectRequest
    receipt: str | None = field(default=None, repr=False)


@transaction.atomic
def file_request(
    *,
    asked: Asked,
    subject_id: UUID | None,
    entrance: Entrance,
    identity: Identity,
    by: Actor,
    idempotency_key: str | None = None,
    receipt: str | None = None,
) -> Filed:
    """Take a request in; the clock runs from now.

    ``subject_id`` is whose account it is, or None for somebody not known, who gets a receipt number instead:
    ``receipt``, where the door made one already.
    It is accepted at once where we know who asks or need not; else it waits for the number to be proved.
    """
    kinds = [RequestKind(kind) for kind in asked.kinds]
    receipt = receipt or (new_receipt() if subject_id is None else None)
    request = _written(asked, kinds, subject_id, receipt)
    request.entrance, request.identity, request.idempotency_key = entrance, identity, idempotency_key
    request.save(force_insert=True)
    RequestedRight.objects.bulk_create(RequestedRight(request=request, kind=kind) for kind in kinds)
    happened(request, RequestState.RECEIVED, by=by)
    record("request.received", by=by, subject=request.subject_id, target=request, detail={"kind": kinds[0]})
    known_enough = subject_id is not None or all(kind in OPEN_TO_ALL for kind in kinds)
    step(request, RequestState.ACCEPTED if known_enough else RequestState.VERIFYING, by=by)
    raise_alarm(request, by=by)
    return Filed(request=request, receipt=receipt)


def _written(
    asked: Asked, kinds: Sequence[RequestKind], subject_id: UUID | None, receipt: str | None
) -> DataSubjectRequest:
    """The request as it was asked for, with the day by which it is due."""
    now, clock = timezone.now(), clock_of(kinds)
    return DataSubjectRequest(
        subject_id=subject_id or uuid7(),
        known=subject_id is not None,
        receipt_hash=hash_of(receipt) if receipt else None,
        kind=kinds[0],
        on_behalf=asked.on_behalf,
        concerning_id=asked.concerning_id,
        words=asked.words or None,
        phone=asked.phone,
        clock=clock,
        received_at=now,
        due_at=due_at(clock=clock, received_at=now),
        calendar_until=last_known_year(),
        at_once=any(kind in AT_ONCE for kind in kinds),
        repeats=_how_often(subject_id, kinds[0]),
    )


def _how_often(subject_id: UUID | None, kind: RequestKind) -> int:
    """Which request of this kind it is within a year; only an officer may call it too many."""
    if subject_id is None:
        return 1
    before = DataSubjectRequest.objects.of(subject_id).filter(kind=kind)
    return before.filter(received_at__gt=timezone.now() - _A_YEAR).count() + 1
