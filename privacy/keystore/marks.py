"""What steps of an erasure did to the key store, counted in the transaction of the change."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import F

from privacy.keystore import store
from privacy.keystore.models import StepDone


def counted(job_id: UUID, step: str, change: Callable[[], int]) -> int:
    """Make a change and add what it says it did to the step's mark, both or neither; how many by now."""
    with transaction.atomic(using=store.database()):
        mark, _ = StepDone.objects.get_or_create(job_id=job_id, step=step)
        if rows := change():
            StepDone.objects.filter(pk=mark.pk).update(rows=F("rows") + rows)
        return mark.rows + rows


def marked(job_id: UUID, step: str) -> int | None:
    """How many rows the step has changed here so far; None where it has not."""
    return StepDone.objects.filter(job_id=job_id, step=step).values_list("rows", flat=True).first()
