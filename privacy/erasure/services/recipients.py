"""Recipients who have to delete too: that they were told, and by whom (PIPL 21, 47; GB/T 35273 8.3)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.models import RecipientNotice
from privacy.rights.policies import require_staff


@transaction.atomic
def recipient_told(*, notice_id: UUID, by: Actor) -> RecipientNotice:
    """Note that a recipient was told to delete; a second time changes nothing.

    Raises NotEntitled for anybody but staff, ErasureUnknown where there is no such notice.
    """
    require_staff(by)
    rows = RecipientNotice.objects.select_for_update(of=("self",)).select_related("job__request")
    notice = rows.filter(pk=notice_id).first()
    if notice is None:
        raise ErasureUnknown
    if notice.told_at is None:
        notice.told_at, notice.told_by = timezone.now(), by.id
        notice.save(update_fields=["told_at", "told_by"])
        record("recipient.told", by=by, subject=notice.job.subject_id, target=notice)
    return notice
