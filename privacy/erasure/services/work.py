"""Having an erasure to work on: a lease that is renewed, and lost to whoever takes over."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from privacy.erasure.enums import JobState
from privacy.erasure.models import LEASE_SECONDS, ErasureJob
from privacy.erasure.services.marking import counted
from privacy.retention.services.holds import keep_holds_out

_LEASE = timedelta(seconds=LEASE_SECONDS)
_BEAT = 5.0  # seconds from one renewal to the next


class LeaseLost(Exception):
    """Another worker has taken over: let go of it, undo nothing."""


class Work:
    """One worker at one erasure, until it lets go or is not heard of for a minute."""

    def __init__(self, job: ErasureJob, until: datetime) -> None:
        self.job = job
        self._until = until
        self._beaten = time.monotonic()

    @classmethod
    def take(cls, job_id: UUID) -> Work | None:
        """The work, or None where somebody else is at it or nothing is left to do."""
        now = timezone.now()
        until = now + _LEASE
        free = ErasureJob.objects.all().free(now).filter(pk=job_id)
        if not free.update(leased_until=until, beat_at=now, state=JobState.RUNNING):
            return None
        return cls(ErasureJob.objects.get(pk=job_id), until)

    def beat(self) -> None:
        """Renew the lease, every few seconds at the most. Raises LeaseLost."""
        if time.monotonic() - self._beaten >= _BEAT:
            self._renew(_LEASE)

    def prove_own(self) -> None:
        """Raise LeaseLost unless it is still this worker's: what it says of a step counts then alone."""
        self._renew(_LEASE)

    def let_go(self, wait: timedelta) -> None:
        """Let the next worker begin, after ``wait``. Raises LeaseLost."""
        self._renew(wait)

    def changed(self, step: str, database: str, change: Callable[[], int]) -> int:
        """Make one change of a step in one database, counted with it; how many rows. Raises LeaseLost.

        No hold is placed meanwhile: what nobody held a moment ago nobody holds.
        """
        self.beat()

        def held_off() -> int:
            keep_holds_out()
            return change()

        return counted(self.job.pk, step, database, held_off if database == "default" else change)

    def _renew(self, lease: timedelta) -> None:
        now = timezone.now()
        until = now + lease
        mine = ErasureJob.objects.filter(pk=self.job.pk, leased_until=self._until)
        if not mine.update(leased_until=until, beat_at=now):
            raise LeaseLost
        self._until, self._beaten = until, time.monotonic()
