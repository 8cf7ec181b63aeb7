"""Rights that act at once when whoever is signed in asks: request, deed and reply in one transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.models import User, VerificationCode
from accounts.services.guardians import guardian_actor, phone_of
from accounts.services.phone_change import change_phone
from privacy.rights.enums import OnBehalf, RequestKind
from privacy.rights.models import DataSubjectRequest, ExportPackage
from privacy.rights.services.export.making import request_export
from privacy.rights.services.restricting import is_restricted, restrict
from website.services.own_requests import ask_for


@transaction.atomic
def restrict_now(*, holder: User) -> DataSubjectRequest | None:
    """From now on only store what is held; the request under which it is, or None where it is so already.

    Raises LimitReached.
    """
    if is_restricted(holder.pk):
        return None
    request = ask_for(holder=holder, kind=RequestKind.RESTRICT, proved=True)
    restrict(request=request, by=guardian_actor(holder))
    return request


@transaction.atomic
def export_now(*, holder: User, child_id: UUID | None, proved: bool) -> ExportPackage:
    """Have a copy made of everything held of the holder, or of their child. Raises LimitReached."""
    request = ask_for(
        holder=holder,
        kind=RequestKind.EXPORT,
        proved=proved,
        on_behalf=OnBehalf.WARD if child_id else OnBehalf.SELF,
        concerning_id=child_id,
    )
    return request_export(request=request)


@transaction.atomic
def change_number(*, holder: User, new: VerificationCode, old: VerificationCode | None) -> None:
    """Bind another number to the account, on record as a correction of it.

    Raises NumberTaken, NotProved and LimitReached; then nothing has changed.
    """
    if new.phone == phone_of(holder.pk):
        return
    request = ask_for(holder=holder, kind=RequestKind.RECTIFY, proved=True)
    change_phone(user=holder, new=new, old=old, by=guardian_actor(holder), request=request)
