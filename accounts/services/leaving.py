"""An account on its way out: signed out, its number free, and then gone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.enums import ReleaseReason, UserKind
from accounts.models import PhoneBinding, User
from accounts.services.children import leave
from accounts.services.codes import forget_codes_to
from accounts.services.sessions import EverySession
from privacy.actors import Actor
from privacy.keystore.services import Erased, Frozen
from privacy.minors import services as minors


class Accounts:
    """Provider of the port `account_of`."""

    def of_number(self, number: str) -> UUID | None:
        """Whose it is now."""
        return PhoneBinding.objects.live().of_number(number).values_list("user_id", flat=True).first()

    def numbers(self, subject: UUID) -> Sequence[str]:
        """The live number, then those they had before, as far as they open."""
        found = []
        for binding in PhoneBinding.objects.filter(user=subject).order_by(
            F("released_at").desc(nulls_first=True)
        ):
            try:
                found.append(binding.phone)
            except (Erased, Frozen):
                continue
        return list(dict.fromkeys(found))

    @transaction.atomic
    def close(self, subject: UUID, by: Actor) -> None:
        """Nobody signs in any more; whoever proves the number next begins anew."""
        EverySession().end_all(subject)
        for number in self.numbers(subject):
            forget_codes_to(phone=number)
        User.objects.filter(pk=subject).update(is_active=False)
        PhoneBinding.objects.live().filter(user=subject).update(
            released_at=timezone.now(), release_reason=ReleaseReason.CLOSED
        )
        PhoneBinding.objects.filter(user=subject).update(phone_index=None)

    def shell(self, subject: UUID, alias: UUID) -> None:
        """A guardian nobody can be: without a number, without a password, not active."""
        shell = User(pk=alias, kind=UserKind.GUARDIAN, is_active=False)
        shell.set_unusable_password()
        User.objects.bulk_create([shell], ignore_conflicts=True)

    @transaction.atomic
    def drop(self, subject: UUID) -> int:
        """The account, its numbers and roles."""
        return User.objects.filter(pk=subject).delete()[0]


class Families:
    """Provider of the port `wards`."""

    def alone(self, subject: UUID) -> Sequence[UUID]:
        """Those of the guardian's children whom nobody else looks after."""
        wards = list(minors.names_of(guardian_id=subject))
        looking_after = minors.guardians_of(children=wards)
        return sorted(child for child in wards if looking_after[child] <= {subject})

    def leave_shared(self, subject: UUID, by: Actor) -> int:
        """End this guardian's part in the others, which name them nowhere any more. In no transaction."""
        wards = set(minors.names_of(guardian_id=subject)) - set(self.alone(subject))
        acting = Actor("guardian", subject)
        for child in sorted(wards):
            leave(guardian_id=subject, child_id=child, by=acting)
        minors.forget_guardian(guardian_id=subject)
        return len(wards)
