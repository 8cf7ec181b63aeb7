"""Wrapping every subject's key anew, in batches that nobody waits for."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Q, QuerySet

from privacy.keystore import kek, store
from privacy.keystore.enums import KeySet
from privacy.keystore.envelope import wrap
from privacy.keystore.models import SubjectKey
from privacy.keystore.rotation.progress import EPOCH, Course, Tell, quiet

_BATCH = 5000
_FIRST = UUID(int=0)

_WRITE = """
UPDATE keystore_subjectkey AS kept SET wrapped = made.wrapped, kek_set = %s, kek_epoch = %s
FROM unnest(%s::uuid[], %s::bytea[]) AS made (id, wrapped) WHERE kept.id = made.id
"""


def wrap_all(kek_set: KeySet, epoch: int, *, tell: Tell = quiet) -> None:
    """Wrap every key of a set under ``epoch``, wherever it hangs now; goes on where a run before ended."""
    course = Course(EPOCH, f"{kek_set} {epoch}", tell=tell)
    course.expect(_others(kek_set, epoch).count)
    while True:
        batch = _wrap_batch(kek_set, epoch, after=UUID(course.cursor) if course.cursor else _FIRST)
        if batch:
            course.advance(str(batch[-1]), len(batch))
        elif not _others(kek_set, epoch).exists():
            course.end()
            return
        elif course.cursor:
            course.rewind()  # to rows that somebody held, or made meanwhile
        else:
            _wrap_batch(kek_set, epoch, after=_FIRST, waiting=True)


def is_empty_but_for(kek_set: KeySet, epoch: int) -> bool:
    """Whether no key hangs on another key of the set, and none of the set's on another set."""
    return not _others(kek_set, epoch).exists()


def _wrap_batch(kek_set: KeySet, epoch: int, *, after: UUID, waiting: bool = False) -> Sequence[UUID]:
    """The next keys wrapped, without those held by somebody; ``waiting``: a single one, held or not.

    Whoever holds several would wait for us in another order than we for them.
    """
    wrapping = kek.key_of(kek_set, epoch)
    with transaction.atomic(using=store.database()):
        found = _others(kek_set, epoch).filter(pk__gt=after).order_by("pk")
        rows = list(found.select_for_update(skip_locked=not waiting, no_key=True)[: 1 if waiting else _BATCH])
        wrapped = [_wrapped(wrapping, epoch, row) for row in rows]
        if rows:
            with connections[store.database()].cursor() as cursor:
                cursor.execute(_WRITE, [kek_set, epoch, [str(row.pk) for row in rows], wrapped])
    return [row.pk for row in rows]


def _wrapped(wrapping: bytes, epoch: int, row: SubjectKey) -> bytes:
    key = store.unwrap_stored(row)
    return wrap(wrapping, key, subject=row.subject, klass=row.klass, gen=row.gen, epoch=epoch)


def _others(kek_set: KeySet, epoch: int) -> QuerySet[SubjectKey]:
    """The keys that should hang on ``epoch`` of the set and do not."""
    minors = Q(klass=kek.MINOR)
    own = minors if kek_set == KeySet.MINORS else ~minors
    there = Q(kek_set=kek_set, kek_epoch=epoch)
    return SubjectKey.objects.filter(own & ~there, wrapped__isnull=False, kek_epoch__isnull=False)
