"""Whom an erasure is about, as its steps ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from privacy.erasure.enums import Scope
from privacy.erasure.models import ErasureJob
from privacy.inventory.keepers import Trace
from privacy.keystore.services import Erased, Frozen
from privacy.retention.services.holds import held_rows


@dataclass(frozen=True, kw_only=True)
class Person:
    """A guardian or a child of an erasure, and the alias of what remains."""

    id: UUID
    alias: UUID
    is_guardian: bool


def people_of(job: ErasureJob) -> list[Person]:
    """The guardian first, then the children. After the end nobody."""
    return [
        Person(id=one.subject_id, alias=one.alias, is_guardian=one.kind == "guardian")
        for one in job.subjects.order_by("pk")
        if one.subject_id is not None
    ]


def ids_of(job: ErasureJob) -> frozenset[UUID]:
    """The subject ids alone."""
    return frozenset(person.id for person in people_of(job))


def trace_of(job: ErasureJob) -> Trace:
    """By what stores that are no tables may know them."""
    return Trace(subjects=ids_of(job), numbers=numbers_of(job))


def numbers_of(job: ErasureJob) -> frozenset[str]:
    """The numbers the person had when it began; none once the job's own key is gone."""
    try:
        return frozenset((job.numbers or "").split()) if job.scope == Scope.PERSON else frozenset()
    except (Erased, Frozen):
        return frozenset()


def number_then(*, job_id: UUID) -> str | None:
    """The number (E.164) that was bound when an erasure began, or None, also after its end. Raises Erased."""
    job = ErasureJob.objects.filter(pk=job_id, scope=Scope.PERSON).first()
    return next(iter((job.numbers or "").split()), None) if job else None


def is_held(job: ErasureJob) -> bool:
    """Whether an authority has something of theirs kept as it is."""
    return any(held_rows(subject) for subject in ids_of(job))
