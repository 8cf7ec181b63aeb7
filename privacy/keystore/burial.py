"""Destroying keys for good: first in the ledger outside, then done and marked in one transaction."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from privacy.keystore import ledger, store
from privacy.keystore.enums import KeyState
from privacy.keystore.ledger import NO_KEYS, Entry
from privacy.keystore.models import WHOLE_SUBJECT, Burial, SubjectKey

_BATCH = 5000


def destroy(subject: UUID, klass: str | None, *, entry: Entry | None = None) -> int:
    """Destroy a subject's keys, of one class or all there are and may be; how many.

    ``entry`` is the burial when the ledger holds it already; otherwise it is written there first. Whoever was
    buried before stays in the one grave, and nothing is written twice.
    """
    with transaction.atomic(using=store.database()):
        store.lock(subject)
        burial = _grave(subject, klass or WHOLE_SUBJECT, entry)
        rows = SubjectKey.objects.filter(subject=subject)
        if klass is not None:
            rows = rows.filter(klass=klass)
        rows.filter(state=KeyState.DESTROYED, burial=None).update(burial=burial)
        living = rows.exclude(state=KeyState.DESTROYED)
        gone = {"state": KeyState.DESTROYED, "destroyed_at": timezone.now(), "burial": burial}
        living.filter(klass=WHOLE_SUBJECT).update(**gone)
        destroyed = living.update(**gone, wrapped=None, kek_epoch=None)
    store.forget(subject)
    return destroyed


def drop_rows(subject: UUID) -> int:
    """Delete the rows of a subject's destroyed keys, so that no column names them any more; how many.

    Only what is buried goes: the burial refuses every new key in their stead.
    """
    destroyed = SubjectKey.objects.filter(
        subject=subject, state=KeyState.DESTROYED, burial__isnull=False
    ).delete()[0]
    store.forget(subject)
    return destroyed


def lacking(entries: Iterable[Entry]) -> set[int]:
    """The numbers of those entries that the key store has not carried out."""
    numbers = {entry.n for entry in entries}
    since = min(numbers, default=0)
    return numbers - set(Burial.objects.filter(n__gte=since).values_list("n", flat=True))


def last_mark() -> int:
    """The highest number of an entry that was carried out; 0 before the first."""
    newest = Burial.objects.order_by("-n").values_list("n", flat=True).first()
    return newest or 0


def carry_out(entries: Iterable[Entry], *, progress: Callable[[int, int], None] | None = None) -> int:
    """Destroy again what a restored key store gave back to buried subjects; how many keys that were.

    Nobody in the ledger can be named by it, so every subject of the store is asked whether it is in there.
    """
    missing = _by_subject(entries)
    destroyed = 0
    subjects = SubjectKey.objects.order_by("subject").distinct("subject").values_list("subject", flat=True)
    total = subjects.count()
    for done, subject in enumerate(subjects.iterator(chunk_size=_BATCH), start=1):
        for entry in missing.get(ledger.digest_of(subject), ()):
            destroyed += _again(subject, entry)
        if progress is not None and (done % _BATCH == 0 or done == total):
            progress(done, total)
    graves = [_burial(entry) for of_one in missing.values() for entry in of_one]
    Burial.objects.bulk_create(graves, batch_size=_BATCH, ignore_conflicts=True)
    return destroyed


def _again(subject: UUID, entry: Entry) -> int:
    if entry.klass == NO_KEYS:
        return 0
    return destroy(subject, None if entry.klass == WHOLE_SUBJECT else entry.klass, entry=entry)


def _by_subject(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.who, []).append(entry)
    return found


def _grave(subject: UUID, klass: str, entry: Entry | None) -> int:
    """The number of the burial, made now unless there is one."""
    if entry is None:
        known = Burial.objects.filter(**store.grave_of(subject, klass)).order_by("n").first()
        if known is not None:
            return known.n
        entry = ledger.bury(subject, klass=klass)
    Burial.objects.bulk_create([_burial(entry)], ignore_conflicts=True)
    return entry.n


def _burial(entry: Entry) -> Burial:
    return Burial(n=entry.n, who=entry.who, klass=entry.klass)
