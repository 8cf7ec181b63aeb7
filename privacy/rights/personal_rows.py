"""What stays of requests when somebody is erased: that they asked, and that they were answered."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kit.public_id import new_public_id
from privacy.keystore.services import restrict_keys
from privacy.rights.enums import RequestState
from privacy.rights.models import DataSubjectRequest, Restriction
from privacy.rights.models.names import new_reference

# The request whose doing it is: its page, receipt and answer stay what the person follows it by.
_BEING_DONE = Q(state__in=(RequestState.EXECUTING, RequestState.CHECKING))


def unlink_requests(subject: UUID, alias: UUID) -> int:
    """Put a person's requests under the alias, and a child they name under its own; how many.

    What was written in the others is from then on read for what the law names alone.
    """
    theirs = DataSubjectRequest.objects.filter(subject_id=subject)
    followed = set(theirs.filter(_BEING_DONE).values_list("pk", flat=True))
    others = list(theirs.exclude(pk__in=followed).values_list("pk", flat=True))
    for pk in others:
        restrict_keys(pk)
        DataSubjectRequest.objects.filter(pk=pk).update(
            public_id=new_public_id(), reference=_free_reference(), receipt_hash=None, idempotency_key=None
        )
    moved = theirs.update(subject_id=alias)
    return moved + DataSubjectRequest.objects.filter(concerning_id=subject).update(concerning_id=alias)


def unlink_restrictions(subject: UUID, alias: UUID) -> int:
    """Put a person's restrictions under the alias; what is gone is restricted no longer."""
    theirs = Restriction.objects.filter(subject_id=subject)
    theirs.filter(lifted_at=None).update(lifted_at=timezone.now())
    return theirs.update(subject_id=alias)


def _free_reference() -> str:
    while DataSubjectRequest.objects.filter(reference=(reference := new_reference())).exists():
        continue
    return reference
