"""Queries over people and codes, named for the sentence they complete."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import F

from privacy.inventory.fields import SealedQuerySet

if TYPE_CHECKING:
    from accounts.models import PhoneBinding, VerificationCode


class PhoneBindingQuerySet(SealedQuerySet["PhoneBinding"]):
    def live(self) -> PhoneBindingQuerySet:
        """Bindings that hold now."""
        return self.filter(released_at=None)

    def of_number(self, phone_index: str) -> PhoneBindingQuerySet:
        return self.filter(phone_index=phone_index)


class VerificationCodeQuerySet(SealedQuerySet["VerificationCode"]):
    def open_at(self, at: datetime) -> VerificationCodeQuerySet:
        """Codes that may still be tried."""
        return self.filter(consumed_at=None, attempts__lt=5, expires_at__gt=at)

    def asked_by(self, browser: str) -> VerificationCodeQuerySet:
        return self.filter(binding=browser)

    def claim_attempt(self, *, challenge: str, at: datetime) -> bool:
        """Count one try, atomically, before anything is compared. False when no try is left to claim."""
        return self.open_at(at).filter(challenge=challenge).update(attempts=F("attempts") + 1) == 1

    def consume(self, *, pk: Any, at: datetime) -> bool:
        """Use the code up. True for exactly one of any number of callers."""
        return self.filter(pk=pk, consumed_at=None).update(consumed_at=at, code=None) == 1
