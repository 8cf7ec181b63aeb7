"""Requests whose person did not come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from privacy.actors import SYSTEM
from privacy.rights.enums import WAITING_FOR_THEM, Identity, RequestState
from privacy.rights.models import DataSubjectRequest
from privacy.rights.services.asking_back import end_pause
from privacy.rights.services.notices import tell
from privacy.rights.services.steps import drop_pending, held, step

WAITED = timedelta(days=30)  # for a proof, or for an answer to a question


def lapse(*, at: datetime) -> int:
    """End requests for which we have waited thirty days; how many. Whoever asks again begins anew."""
    return sum(_lapse(pk, at) for pk in _waited_for(at).values_list("pk", flat=True))


@transaction.atomic
def _lapse(pk: UUID, at: datetime) -> bool:
    row = held(pk)
    if not _waited_for(at).filter(pk=pk).exists():
        return False
    step(row, RequestState.LAPSED, by=SYSTEM)
    end_pause(row)
    drop_pending(row)
    if row.identity != Identity.UNKNOWN:  # a number nobody proved may be anybody's
        tell(row, "rights_lapsed")
    return True


def _waited_for(at: datetime) -> QuerySet[DataSubjectRequest]:
    """Those that wait for the person, and came to do so thirty days before ``at``."""
    waiting = DataSubjectRequest.objects.filter(state__in=WAITING_FOR_THEM)
    since = Max("events__at", filter=Q(events__what=F("state")))
    return waiting.annotate(since=since).filter(since__lte=at - WAITED)
