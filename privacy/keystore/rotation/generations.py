"""New data keys for old: a generation more for every subject and class, and the end of those before."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Count, Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from privacy.keystore import kek, store
from privacy.keystore.enums import KeyState
from privacy.keystore.envelope import new_key, wrap
from privacy.keystore.models import UNPROVED, WHOLE_SUBJECT, SubjectKey

# A task that remembers an older key seals under it for a minute more (`scope.REMEMBERED`), and commits some
# time after. Only then is it certain that nothing new hangs on a generation before.
SETTLED_AFTER = timedelta(minutes=15)
# Gone within days, with whatever they seal: an hour's unproved numbers, a package's files.
_SHORT_LIVED = (UNPROVED, "export")
_IN_USE = (KeyState.ACTIVE, KeyState.RESTRICTED)
_BATCH = 500  # subjects; each is locked for as long as the batch takes
_FIRST = UUID(int=0)
_LOCK = """
SELECT subject FROM unnest(%s::uuid[]) AS asked (subject)
WHERE pg_try_advisory_xact_lock(hashtextextended(subject::text, 0))
"""

Generation = tuple[UUID, str]
"""A subject and a class."""


def add_generations(*, before: datetime, advance: Callable[[int], None]) -> None:
    """Give every subject and class in use a new key, unless it has one made at or after ``before``."""
    while True:
        last, made = _FIRST, 0
        while subjects := _subjects_without(before, after=last):
            number = _add(subjects, before)
            last, made = subjects[-1], made + number
            advance(number)
        if not made and not _lacking(before).exists():
            return


def outdated() -> dict[Generation, int]:
    """The newest generation of each subject and class that has older ones still."""
    several = (
        _living().values("subject", "klass").annotate(newest=Max("gen"), keys=Count("id")).filter(keys__gt=1)
    )
    return {(row["subject"], row["klass"]): row["newest"] for row in several}


def settled_at() -> datetime | None:
    """From when on generations before the newest may be destroyed; None where there are none."""
    newest = SubjectKey.objects.filter(
        subject=OuterRef("subject"), klass=OuterRef("klass"), gen__gt=OuterRef("gen")
    ).order_by("-gen")
    older = _living().annotate(since=Subquery(newest.values("created_at")[:1])).filter(since__isnull=False)
    last = older.aggregate(last=Max("since"))["last"]
    return last + SETTLED_AFTER if last else None


def destroy_generations(*, used: Collection[tuple[UUID, str, int]]) -> int:
    """Destroy every generation before the newest, but for those still ``used``; how many keys."""
    newest = outdated()
    rows = _living().filter(subject__in={subject for subject, _ in newest})
    due = [
        pk
        for pk, subject, klass, gen in rows.values_list("pk", "subject", "klass", "gen")
        if gen < newest.get((subject, klass), 0) and (subject, klass, gen) not in used
    ]
    gone = {"state": KeyState.DESTROYED, "destroyed_at": timezone.now(), "wrapped": None, "kek_epoch": None}
    return SubjectKey.objects.filter(pk__in=due, state__in=_IN_USE).update(**gone)


def _add(subjects: Sequence[UUID], before: datetime) -> int:
    """A new key for each class of those; whoever is being changed at this moment is left for later."""
    with transaction.atomic(using=store.database()):
        with connections[store.database()].cursor() as cursor:
            cursor.execute(_LOCK, [[str(subject) for subject in subjects]])
            ours = [subject for (subject,) in cursor.fetchall()]
        rows = _lacking(before).filter(subject__in=ours)
        made = [_next(row) for row in rows]
        SubjectKey.objects.bulk_create(made)
    return len(made)


def _next(row: SubjectKey) -> SubjectKey:
    kek_set, gen = kek.set_of(row.klass), row.gen + 1
    epoch, wrapping = kek.newest(kek_set)
    wrapped = wrap(wrapping, new_key(), subject=row.subject, klass=row.klass, gen=gen, epoch=epoch)
    return SubjectKey(
        subject=row.subject,
        klass=row.klass,
        gen=gen,
        wrapped=wrapped,
        kek_set=kek_set,
        kek_epoch=epoch,
        state=row.state,
    )


def _subjects_without(before: datetime, *, after: UUID) -> list[UUID]:
    rows = _lacking(before).filter(subject__gt=after)
    return list(rows.order_by("subject").values_list("subject", flat=True).distinct()[:_BATCH])


def _lacking(before: datetime) -> QuerySet[SubjectKey]:
    """The newest key of each subject and class in use, where it is older than ``before``."""
    newer = SubjectKey.objects.filter(
        subject=OuterRef("subject"), klass=OuterRef("klass"), gen__gt=OuterRef("gen")
    )
    return _living().filter(~Exists(newer), created_at__lt=before)


def _living() -> QuerySet[SubjectKey]:
    return SubjectKey.objects.filter(state__in=_IN_USE).exclude(klass__in=(*_SHORT_LIVED, WHOLE_SUBJECT))
