"""Marks of what a step did, in each database, in the transaction of the change: counted once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import router, transaction
from django.db.models import F, Sum

from privacy.erasure import models as ours
from privacy.keystore import marks as key_marks
from privacy.minors import models as vault

DEFAULT, VAULT = "default", "minors"
_MARKS: dict[str, type[ours.StepDone] | type[vault.StepDone]] = {
    DEFAULT: ours.StepDone,
    VAULT: vault.StepDone,
}


def counted(job_id: UUID, step: str, database: str, change: Callable[[], int]) -> int:
    """Make a change in one database and add what it did to the step's mark there; how many rows it changed.

    Both or neither: whoever comes again finds nothing to change, and counts nothing twice.
    """
    mark = _MARKS[database]
    with transaction.atomic(using=router.db_for_write(mark)):
        row, _ = mark._default_manager.get_or_create(job_id=job_id, step=step)
        if rows := change():
            mark._default_manager.filter(pk=row.pk).update(rows=F("rows") + rows)
        return rows


def total(job_id: UUID, step: str) -> int:
    """How many rows a step has changed in all databases so far."""
    here = (
        mark._default_manager.filter(job_id=job_id, step=step).aggregate(rows=Sum("rows"))["rows"] or 0
        for mark in _MARKS.values()
    )
    return sum(here) + (key_marks.marked(job_id, step) or 0)
