"""Which requests somebody waits for, and which of them are late."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from privacy.inventory.fields import SealedQuerySet
from privacy.rights.enums import OPEN, RequestState

if TYPE_CHECKING:
    from privacy.rights.models.requests import DataSubjectRequest  # noqa: F401  named as a text

# Somebody waits for it, or for a rest that was promised.
OWED = Q(state__in=OPEN) | Q(state=RequestState.PARTLY_FULFILLED, remains_until__isnull=False)


def overdue(at: datetime) -> Q:
    """Owed, and its day is over by ``at``: where a rest was promised, the day of the rest."""
    own = Q(remains_until=None, due_at__lt=at)
    return OWED & (own | Q(remains_until__lt=timezone.localdate(at)))


class DataSubjectRequestQuerySet(SealedQuerySet["DataSubjectRequest"]):
    def of(self, subject_id: UUID) -> DataSubjectRequestQuerySet:
        """The person's own requests, the newest first."""
        return self.filter(subject_id=subject_id, known=True).order_by("-received_at", "-pk")

    def open(self) -> DataSubjectRequestQuerySet:
        """Those that somebody still waits for."""
        return self.filter(state__in=OPEN)

    def owed(self) -> DataSubjectRequestQuerySet:
        """Those that somebody waits for, and those of which a rest is promised."""
        return self.filter(OWED)

    def overdue(self, at: datetime) -> DataSubjectRequestQuerySet:
        return self.filter(overdue(at))
