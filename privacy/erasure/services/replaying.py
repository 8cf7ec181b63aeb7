"""What the ledger says and a restored database does not know: finding it out, and carrying it out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Model

from privacy.erasure.enums import JobState, Reason, Scope
from privacy.erasure.exceptions import LedgerLost
from privacy.erasure.models import ErasureSubject, LedgerMark
from privacy.erasure.services.beginning import begin_unasked
from privacy.erasure.services.planning import subjects_of
from privacy.erasure.services.running import run
from privacy.erasure.services.scope import models_in
from privacy.inventory import registry
from privacy.keystore import burial, ledger
from privacy.keystore.ledger import Entry
from privacy.minors.models import LedgerMark as VaultMark

DATABASES = ("default", "minors", "keys")
_KEYS_ALONE = "key"  # the scope of entries that concern no rows
_BATCH = 5000

Progress = Callable[[str, int, int], None]
"""What is being done, how far it is, of how many."""


def behind(*, newest: int | None = None) -> dict[str, int]:
    """How many entries of the ledger each database has not carried out; those that lack none are left out.

    What an erasure is at this moment working on is not counted: its worker goes on with it. ``newest`` looks
    at so many of the last entries alone, and proves no chain: a copy from before lacks those in any case.
    Raises LedgerLost where a database knows more than the ledger, and Tampered where the ledger was changed.
    """
    entries = list(ledger.entries()) if newest is None else ledger.newest(newest)
    return {database: len(lacking) for database, lacking in _lacking(_due(entries)).items() if lacking}


def replay(progress: Progress | None = None) -> dict[str, int]:
    """Carry out again what a restored database has undone; how many entries each database lacked.

    Keys first: from then on nothing of the buried can be read. Then their rows go, by an erasure like the
    first, under the alias they have in the ledger. Broken off, it begins where it was.
    """
    due = _due(list(ledger.entries()))
    lacking = _lacking(due)
    told = progress or (lambda what, done, total: None)
    if lacking["keys"]:
        again = [entry for entry in due if entry.n in lacking["keys"]]
        burial.carry_out(again, progress=lambda done, total: told("keys", done, total))
    people = [entry for entry in due if entry.n in lacking["default"] | lacking["minors"]]
    aliases = {entry.who: entry.alias for entry in people if entry.alias is not None}
    for scope in (Scope.PERSON, Scope.CHILD):  # with a guardian go the children nobody else looks after
        found = list(_found([entry for entry in people if entry.scope == scope]))
        for done, subject in enumerate(found, start=1):
            _erase_again(subject, scope, aliases)
            told(scope, done, len(found))
    _mark(people)
    return {database: len(numbers) for database, numbers in lacking.items() if numbers}


def _due(entries: list[Entry]) -> list[Entry]:
    """Which of them have to have been carried out by now."""
    _refuse_lost(entries[-1].n if entries else 0)
    under_way = set(ErasureSubject.objects.exclude(job__state=JobState.DONE).values_list("alias", flat=True))
    return [entry for entry in entries if entry.alias not in under_way]


def _lacking(due: Sequence[Entry]) -> dict[str, set[int]]:
    people = {entry.n for entry in due if entry.scope != _KEYS_ALONE}
    since = min((entry.n for entry in due), default=0)
    return {
        "default": people - set(LedgerMark.objects.filter(n__gte=since).values_list("n", flat=True)),
        "minors": people - set(VaultMark.objects.filter(n__gte=since).values_list("n", flat=True)),
        "keys": burial.lacking(due),
    }


def _refuse_lost(head: int) -> None:
    marked = (
        model.objects.order_by("-n").values_list("n", flat=True).first() or 0
        for model in (LedgerMark, VaultMark)
    )
    if max(burial.last_mark(), *marked) > head:
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
    job = begin_unasked(subject_id=subject, scope=scope, reason=Reason.REPLAYED, aliases=known)
    run(job_id=job.pk)


def _mark(entries: Sequence[Entry]) -> None:
    """Known here from now on."""
    LedgerMark.objects.bulk_create(
        [LedgerMark(n=entry.n) for entry in entries], batch_size=_BATCH, ignore_conflicts=True
    )
    VaultMark.objects.bulk_create(
        [VaultMark(n=entry.n) for entry in entries], batch_size=_BATCH, ignore_conflicts=True
    )
