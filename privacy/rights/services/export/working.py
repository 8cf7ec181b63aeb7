"""Having a package to work on: a lease that is renewed, and lost to whoever takes over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from privacy.rights.enums import BUILDING
from privacy.rights.models import ExportPackage

LEASE = timedelta(seconds=30)
_BEAT = 5.0  # seconds from one renewal to the next


class LeaseLost(Exception):
    """Another worker has taken over, or the package is wanted no longer: let go of it, undo nothing."""


class Work:
    """One attempt at a package. ``attempt`` is its number, by which the database knows who is to go on."""

    def __init__(self, package_id: UUID, attempt: int) -> None:
        self.package_id = package_id
        self.attempt = attempt
        self._beaten = time.monotonic()

    @classmethod
    def take(cls, package_id: UUID) -> Work | None:
        """The work, or None where somebody else is at it or nothing is left to do."""
        now = timezone.now()
        if not ExportPackage.objects.lease(package_id, at=now, until=now + LEASE):
            return None
        attempts = ExportPackage.objects.values_list("attempts", flat=True).get(pk=package_id)
        return cls(package_id, attempts)

    def beat(self) -> None:
        """Renew the lease, every few seconds at the most. Raises LeaseLost."""
        if time.monotonic() - self._beaten < _BEAT:
            return
        self._beaten = time.monotonic()
        mine = ExportPackage.objects.building().filter(pk=self.package_id, attempts=self.attempt)
        if not mine.update(leased_until=timezone.now() + LEASE):
            raise LeaseLost

    @contextmanager
    def held(self) -> Iterator[ExportPackage]:
        """The package, held in a transaction in which this attempt is the one that counts.

        Raises LeaseLost. Files get their names in here, so that who was overtaken replaces nothing.
        """
        with transaction.atomic():
            package = (
                ExportPackage.objects.select_for_update(of=("self",))
                .filter(pk=self.package_id, attempts=self.attempt, state__in=BUILDING)
                .first()
            )
            if package is None:
                raise LeaseLost
            yield package
            package.leased_until = timezone.now() + LEASE
            package.save(update_fields=["leased_until"])

    def let_go(self, wait: timedelta) -> None:
        """Let the next attempt begin, after ``wait``."""
        mine = ExportPackage.objects.building().filter(pk=self.package_id, attempts=self.attempt)
        mine.update(leased_until=timezone.now() + wait)
