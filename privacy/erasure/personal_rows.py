"""What stays of erasures when the person is gone: that they were erased, and the proof of it."""

from __future__ import annotations

from uuid import UUID

from privacy.erasure.models import ErasureJob, ErasureSubject


def unlink_erasures(subject: UUID, alias: UUID) -> int:
    """Put a person's erasures that are over under the alias: their wards', and earlier ones; how many.

    The one that is doing it lets go of them with its last step.
    """
    over = ErasureJob.objects.exclude(pk__in=ErasureJob.objects.all().unfinished().values("pk"))
    moved = over.filter(subject_id=subject).update(subject_id=alias)
    moved += over.filter(begun_by=subject).update(begun_by=alias)
    return moved + ErasureSubject.objects.filter(job__in=over, subject_id=subject).update(subject_id=None)
