"""What the ledger says and a restored database does not know: finding it out, and carrying it out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Exists, Model, OuterRef
from django.utils import timezone

from privacy.erasure.enums import Reason, Scope, StepState
from privacy.erasure.exceptions import LedgerLost
from privacy.erasure.models import ErasureJob, ErasureStep, ErasureSubject, LedgerMark
from privacy.erasure.services.beginning import begin_unasked
from privacy.erasure.services.planning import subjects_of
from privacy.erasure.services.running import run
from privacy.erasure.services.scope import models_in
from privacy.inventory import registry
from privacy.keystore import burial, ledger
from privacy.keystore.ledger import Entry
from privacy.minors.models import LedgerMark as VaultMark

# By database: the step with which it knows of an entry that the ledger has.
_MARKED_BY = {"default": "bury", "minors": "bury", "keys": "keys"}
_KEYS_ALONE = "key"  # the scope of entries that concern no rows
_BATCH = 5000

Progress = Callable[[str, int, int], None]
"""What is being done, how far it is, of how many."""


def behind(*, newest: int | None = None) -> dict[str, int]:
    """How many entries of the ledger each database has not carried out; those that lack none are left out.

    What a worker has entered and is about to mark is not counted. ``newest`` looks at so many of the last
    entries alone, and proves no chain: a copy from before lacks those in any case. Raises LedgerLost where a
    database knows more than the ledger, and Tampered where the ledger was changed.
    """
    entries = list(ledger.entries()) if newest is None else ledger.newest(newest)
    _refuse_lost(entries)
    lacking = _lacking(entries)
    spared = _about_to_mark() if any(lacking.values()) else {}
    counts = {
        database: sum(entry.n in numbers and entry.alias not in spared[database] for entry in entries)
        for database, numbers in lacking.items()
        if numbers
    }
    return {database: count for database, count in counts.items() if count}


def replay(progress: Progress | None = None) -> dict[str, int]:
    """Carry out again what a restored database has undone; how many entries each database lacked.

    Keys first: from then on nothing of the buried can be read. Then their rows go, by an erasure like the
    first, under the alias they have in the ledger. Broken off, it begins where it was.
    """
    entries = list(ledger.entries())
    _refuse_lost(entries)
    lacking = _lacking(entries)
    told = progress or (lambda what, done, total: None)
    if lacking["keys"]:
        again = [entry for entry in entries if entry.n in lacking["keys"]]
        burial.carry_out(again, progress=lambda done, total: told("keys", done, total))
    people = [entry for entry in entries if entry.n in lacking["default"] | lacking["minors"]]
    aliases = {entry.who: entry.alias for entry in people if entry.alias is not None}
    for scope in (Scope.PERSON, Scope.CHILD):  # with a guardian go the children nobody else looks after
        found = list(_found([entry for entry in people if entry.scope == scope]))
        for done, subject in enumerate(found, start=1):
            _erase_again(subject, scope, aliases)
            told(scope, done, len(found))
    _mark(people)
    return {database: len(numbers) for database, numbers in lacking.items() if numbers}


def _about_to_mark() -> dict[str, set[UUID]]:
    """By database: under which aliases a worker is between the ledger and its mark.

    Once the step that marks is done a mark that lacks was lost. What a replay does over was marked long ago.
    """
    at_it = ErasureJob.objects.all().unfinished().exclude(reason=Reason.REPLAYED)
    spared = {}
    for database, step in _MARKED_BY.items():
        marked = ErasureStep.objects.filter(job=OuterRef("job"), name=step, state=StepState.DONE)
        unmarked = ErasureSubject.objects.filter(~Exists(marked), job__in=at_it)
        spared[database] = set(unmarked.values_list("alias", flat=True))
    return spared


def _lacking(entries: Sequence[Entry]) -> dict[str, set[int]]:
    people = {entry.n for entry in entries if entry.scope != _KEYS_ALONE}
    since = min((entry.n for entry in entries), default=0)
    return {
        "default": people - set(LedgerMark.objects.filter(n__gte=since).values_list("n", flat=True)),
        "minors": people - set(VaultMark.objects.filter(n__gte=since).values_list("n", flat=True)),
        "keys": burial.lacking(entries),
    }


def _refuse_lost(entries: Sequence[Entry]) -> None:
    marked = (
        model.objects.order_by("-n").values_list("n", flat=True).first() or 0
        for model in (LedgerMark, VaultMark)
    )
    if max(burial.last_mark(), *marked) > (entries[-1].n if entries else 0):
        raise LedgerLost


def _found(entries: Iterable[Entry]) -> Iterator[UUID]:
    """Whose rows came back: the ledger names nobody, so each subject is asked whether it is in there."""
    buried = {entry.who for entry in entries}
    seen: set[UUID] = set()
    for subject in _subjects() if buried else ():
        if subject not in seen and ledger.digest_of(subject) in buried:
            seen.add(subject)
            yield subject


def _subjects() -> Iterator[UUID]:
    """Every subject with a row of its own in either database, often more than once."""
    for database in ("default", "minors"):
        for model in models_in(database):
            paths = (registry.subject_path(model), registry.ward_path(model))
            for path in {path for path in paths if path and "." not in path}:
                yield from _column(model, registry.lookup(path), database)


def _column(model: type[Model], column: str, database: str) -> Iterator[UUID]:
    rows = model._base_manager.using(database).filter(**{f"{column}__isnull": False})
    for value in rows.order_by().values_list(column, flat=True).distinct().iterator(chunk_size=_BATCH):
        if isinstance(value, UUID):
            yield value


def _erase_again(subject: UUID, scope: Scope, aliases: Mapping[str, UUID]) -> None:
    """As the first time, with the children who go along, each under the alias of then.

    A step that fails is tried again by the worker: nothing of it can be read meanwhile.
    """
    going = {one: aliases.get(ledger.digest_of(one)) for one in subjects_of(subject, scope)}
    known = {one: alias for one, alias in going.items() if alias is not None}
    job = _under_way(subject) or begin_unasked(
        subject_id=subject, scope=scope, reason=Reason.REPLAYED, aliases=known
    )
    run(job_id=job.pk)


def _under_way(subject: UUID) -> ErasureJob | None:
    """An erasure of theirs that was begun, here or in the copy; unless a worker is at it, all of it over."""
    job = ErasureJob.objects.all().unfinished().filter(subjects__subject_id=subject).first()
    if job is not None and ErasureJob.objects.all().free(timezone.now()).filter(pk=job.pk).exists():
        job.steps.exclude(name="begin").update(state=StepState.PENDING)
    return job


def _mark(entries: Sequence[Entry]) -> None:
    """Known here from now on."""
    LedgerMark.objects.bulk_create(
        [LedgerMark(n=entry.n) for entry in entries], batch_size=_BATCH, ignore_conflicts=True
    )
    VaultMark.objects.bulk_create(
        [VaultMark(n=entry.n) for entry in entries], batch_size=_BATCH, ignore_conflicts=True
    )
