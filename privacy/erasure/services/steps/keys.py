"""Burying and destroying keys: after that nothing opens any more, whoever holds whichever copy."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.erasure.enums import Reason
from privacy.erasure.models import ErasureJob, ErasureSubject, LedgerMark
from privacy.erasure.services.final import WINDOW
from privacy.erasure.services.joining import take_up
from privacy.erasure.services.marking import DEFAULT, VAULT
from privacy.erasure.services.people import Person, ids_of, people_of
from privacy.erasure.services.scope import about, held_classes, held_of, models_in
from privacy.erasure.services.work import Work
from privacy.inventory import registry
from privacy.inventory.enums import Erase, Klass
from privacy.keystore import ledger, marks
from privacy.keystore.ledger import NO_KEYS, WHOLE, Entry
from privacy.keystore.services import destroy_keys, drop_key_rows, restrict_frozen
from privacy.minors.models import LedgerMark as VaultMark

# Keys of these classes hang on a person; a request's and a copy's hang on these, and go with them.
_OF_PEOPLE = (Klass.CORE, Klass.MESSAGE, Klass.MINOR)


def bury(work: Work) -> None:
    """Enter each person in the ledger, outside all databases, and mark that the databases know."""
    take_up(work.job)
    if work.job.reason == Reason.REPLAYED:
        return  # they are in it already: that is why it is done again
    kept = held_classes(held_of(ids_of(work.job)))
    for person in people_of(work.job):
        entry = _entered(work, person, NO_KEYS if kept else WHOLE)
        work.changed("bury", VAULT, partial(_mark_vault, entry))


def destroy(work: Work) -> None:
    """Empty the digests by which numbers are found, then destroy every key that no hold keeps."""
    for person in people_of(work.job):
        work.changed("keys", DEFAULT, partial(_empty_indexes, person))
    kept = held_classes(held_of(ids_of(work.job)))
    for person in people_of(work.job):
        work.beat()
        marks.counted(work.job.pk, "keys", partial(_destroyed, work.job, person, kept))
    with transaction.atomic():
        job = ErasureJob.objects.select_for_update(of=("self",)).get(pk=work.job.pk)
        if job.unreadable_at is None:
            job.unreadable_at = timezone.now()
            job.final_by = job.unreadable_at + WINDOW
            job.save(update_fields=["unreadable_at", "final_by"])
            record("erasure.unreadable", by=SYSTEM, subject=job.subject_id, target=job)


def drop_rows(work: Work) -> None:
    """Delete the rows of destroyed keys, so that the key store names nobody any more."""
    for person in people_of(work.job):
        work.beat()
        marks.counted(work.job.pk, "keyrows", partial(drop_key_rows, person.id))


def _entered(work: Work, person: Person, klass: str) -> int:
    """The number of the person's entry, made once: also where the last worker died behind it."""
    row = ErasureSubject.objects.get(job=work.job, alias=person.alias)
    for earlier in ledger.entries((row.entry or 1) - 1) if _was_tried(work.job) else ():
        if earlier.alias == person.alias and earlier.klass == klass:
            work.changed("bury", DEFAULT, partial(_mark, row, earlier))
            return earlier.n
    scope = "person" if person.is_guardian else "child"
    entry = ledger.bury(person.id, klass=klass, scope=scope, alias=person.alias)
    work.changed("bury", DEFAULT, partial(_mark, row, entry))
    return entry.n


def _was_tried(job: ErasureJob) -> bool:
    return job.steps.filter(name="bury", attempts__gt=1).exists()


def _mark(row: ErasureSubject, entry: Entry) -> int:
    LedgerMark.objects.get_or_create(n=entry.n)
    other = Q(entry=None) | ~Q(entry=entry.n)
    return ErasureSubject.objects.filter(other, pk=row.pk).update(entry=entry.n)


def _mark_vault(entry: int) -> int:
    VaultMark.objects.get_or_create(n=entry)
    return 0


def _empty_indexes(person: Person) -> int:
    emptied = 0
    for model in models_in(DEFAULT):
        columns = {
            field.name: None for field, said in registry.personal_fields(model) if said.erase == Erase.NULL
        }
        if columns:
            filled = {f"{name}__isnull": False for name in columns}
            emptied += model._base_manager.filter(about(model, person.id), **filled).update(**columns)
    return emptied


def _destroyed(job: ErasureJob, person: Person, kept: frozenset[str]) -> int:
    entry = _grave(person, NO_KEYS if kept else WHOLE, job)
    if not kept:
        return destroy_keys(person.id, entry=entry)
    if entry is not None:
        destroy_keys(person.id, NO_KEYS, entry=entry)
    gone = sum(destroy_keys(person.id, klass) for klass in _OF_PEOPLE if klass not in kept)
    restrict_frozen(person.id)
    return gone


def _grave(person: Person, klass: str, job: ErasureJob) -> Entry | None:
    """The person's entry in the ledger as the key store marks it."""
    number = job.subjects.values_list("entry", flat=True).get(alias=person.alias)
    if number is None:
        return None
    who = ledger.digest_of(person.id)
    scope = "person" if person.is_guardian else "child"
    return Entry(n=number, at=timezone.now(), who=who, klass=klass, scope=scope, alias=person.alias)
