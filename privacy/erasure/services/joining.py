"""Children who go along with an erasure since it began."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from kit.uuid7 import uuid7
from privacy import ports
from privacy.erasure.enums import StepState
from privacy.erasure.models import ErasureJob, ErasureSubject
from privacy.erasure.services.people import ids_of, people_of
from privacy.keystore.services import freeze_keys
from privacy.rights.services.restricting import hold_all


@transaction.atomic
def take_up(job: ErasureJob) -> int:
    """Take in the children whom nobody but the guardian looks after by now; how many there were.

    One was being added while it began, or their other guardian has left meanwhile. They are buried, and their
    keys destroyed, as the others' were.
    """
    guardian = next((person for person in people_of(job) if person.is_guardian), None)
    if guardian is None:
        return 0
    hold_all([guardian.id])
    found = sorted(set(ports.get("wards").alone(guardian.id)) - ids_of(job))
    for child in found:
        ErasureSubject.objects.create(job=job, kind="child", subject_id=child, alias=uuid7())
    if found:  # where a crash goes on
        again = job.steps.filter(name__in=("bury", "keys"))
        again.update(state=StepState.PENDING, attempts=F("attempts") + 1)
        ErasureJob.objects.filter(pk=job.pk).update(unreadable_at=None, final_by=None)
    for child in found:
        freeze_keys(child)  # last: what breaks off before has changed nothing
    return len(found)
