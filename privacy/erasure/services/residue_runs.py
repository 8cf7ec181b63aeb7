"""The record of searches for leftovers: where was looked and how much was found, never for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from privacy.erasure.enums import RunKind
from privacy.erasure.models import ResidueRun


def record_run(
    *,
    kind: RunKind,
    begun_at: datetime,
    places: Mapping[str, object],
    findings: int,
    covered: Sequence[str] = (),
    failure: str = "",
) -> ResidueRun:
    """Keep what a search said. ``covered``: a canary's tables; ``failure``: why it proves nothing."""
    return ResidueRun.objects.create(
        kind=kind,
        begun_at=begun_at,
        ended_at=timezone.now(),
        places=dict(places),
        findings=findings,
        covered=sorted(covered),
        failure=failure[:120],
    )
