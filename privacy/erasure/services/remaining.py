"""Reading what an erasure left: for a purpose the law names, on record before the first line is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from privacy.actors import Actor
from privacy.audit.services import DetailValue, record
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.models import ErasureJob, Suppression
from privacy.keystore import ledger
from privacy.keystore.services import restricted_allowed
from privacy.rights.enums import LegalPurpose
from privacy.rights.models import DataSubjectRequest
from privacy.rights.policies import require
from privacy.rights.services.holdings import Holding, counts, reading
from privacy.rights.services.restricting import AUTHORITY
from privacy.rights.services.steps import happened

READ_REMAINDER = "erasure.read_remainder"
SUPPRESSION = "suppression"  # for which a number is keyed where it is compared


@dataclass(frozen=True, kw_only=True)
class Remains:
    """What stands under one alias: whoever had the number was erased at ``erased_at``."""

    alias: UUID
    erased_at: datetime
    holdings: list[Holding]


@contextmanager
def read_remainder(
    *, phone: str, purpose: LegalPurpose, authority: str, by: Actor
) -> Iterator[list[Remains]]:
    """What is left of whoever had ``phone`` (E.164) when they were erased; several, if several people had it.

    Within the block the restricted keys of their requests work. ``authority`` names the claim or duty in at
    most 40 characters; it stands in the history of the request that asked for the erasure, and as a digest in
    the record of deeds, which is committed before anything is looked up under an alias. Raises NotEntitled
    for whoever has no right to it, ValueError without an authority, ErasureUnknown where nothing is left.
    """
    require(READ_REMAINDER, of=by)
    named = authority.strip()
    if not named or len(named) > AUTHORITY:
        raise ValueError("an authority is named, in at most 40 characters")
    marks = list(Suppression.objects.filter(number_mac=ledger.keyed(SUPPRESSION, phone)).order_by("at"))
    with transaction.atomic(durable=True):
        detail: dict[str, DetailValue] = {"purpose": LegalPurpose(purpose).value, "authority": _digest(named)}
        for mark in marks:
            record("remainder.read", by=by, subject=mark.alias, target=mark, detail=detail)
            _tell(mark.alias, purpose, named, by)
        if not marks:
            record("remainder.read", by=by, detail={**detail, "found": False})
    if not marks:
        raise ErasureUnknown
    theirs = DataSubjectRequest.objects.filter(subject_id__in=[mark.alias for mark in marks])
    with restricted_allowed(set(theirs.values_list("pk", flat=True))):
        yield [
            Remains(
                alias=mark.alias,
                erased_at=mark.at,
                holdings=counts(reading=reading(subject_id=mark.alias, by=by)),
            )
            for mark in marks
        ]


def _tell(alias: UUID, purpose: LegalPurpose, authority: str, by: Actor) -> None:
    """Into the history of the request that asked for the erasure, which its receipt still opens."""
    of_alias = Q(subject_id=alias) | Q(subjects__alias=alias)
    job = ErasureJob.objects.filter(of_alias, request__isnull=False).select_related("request").first()
    if job is not None and job.request is not None:
        happened(job.request, f"read_{purpose}"[:20], by=by, note=authority)


def _digest(authority: str) -> UUID:
    """Enough to prove later which document was named, and nothing of it."""
    return UUID(bytes=hashlib.sha256(authority.encode()).digest()[:16])
