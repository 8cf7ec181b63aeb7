"""Reading and changing the key store. Each change is a transaction of its own on the database `keys`."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import IntegrityError, connections, router, transaction
from django.utils import timezone

from kit.constraints import broken
from kit.uuid7 import uuid7
from privacy.keystore import kek
from privacy.keystore.enums import KeyState
from privacy.keystore.envelope import new_key, unwrap, wrap
from privacy.keystore.exceptions import Erased, Frozen, KeyEncryptionKeyMissing, Restricted, Tampered
from privacy.keystore.ledger import digest_of
from privacy.keystore.models import WHOLE_SUBJECT, Burial, SubjectKey
from privacy.keystore.scope import KeyRow, current_scope, is_allowed

_INSERT_UNLESS_WHOLE_SUBJECT_SAYS_NO = """
INSERT INTO keystore_subjectkey (id, subject, klass, gen, wrapped, kek_set, kek_epoch, state, created_at)
SELECT %s, %s, %s, 1, %s, %s, %s, 'active', %s
WHERE NOT EXISTS (SELECT 1 FROM keystore_subjectkey WHERE subject = %s AND klass = '*' AND state <> ALL (%s))
AND NOT EXISTS (SELECT 1 FROM keystore_burial WHERE who = %s AND klass IN (%s, '*'))
ON CONFLICT (subject, klass, gen) DO NOTHING
"""
EPOCH_OVER = "keystore_epoch_over"  # the trigger's word for: that key of keys wraps nothing any more


def database() -> str:
    """The alias of the database that holds the keys."""
    return router.db_for_write(SubjectKey)


def rows_of(subjects: Iterable[UUID]) -> dict[UUID, tuple[KeyRow, ...]]:
    """The keys of several subjects in one query, and remembered if a scope is open."""
    found: dict[UUID, list[KeyRow]] = {subject: [] for subject in subjects}
    for row in SubjectKey.objects.filter(subject__in=list(found)):
        found[row.subject].append(_opened(row))
    rows = {subject: tuple(of_subject) for subject, of_subject in found.items()}
    if (scope := current_scope()) is not None:
        scope.rows.update(rows)
    return rows


def key_for_opening(subject: UUID, klass: str, gen: int) -> bytes:
    """The key of that generation. Raises Erased, Frozen, or Tampered when there never was one."""
    row = _find(subject, _remembered(subject), klass, gen)
    if row is None:  # another process may have made it since this scope looked
        row = _find(subject, rows_of([subject])[subject], klass, gen)
    if row is None and is_buried(subject, klass):
        raise Erased
    if row is None:
        raise Tampered("its subject never had such a key")
    return _usable(subject, row)


def key_for_sealing(subject: UUID, klass: str) -> tuple[bytes, int]:
    """The newest key and its generation, made if there is none. Raises Erased, Frozen."""
    rows = _remembered(subject)
    row = _newest(subject, rows, klass)
    if row is None and (row := _create(subject, klass)) is not None:
        _remember(subject, (*rows, row))
    if row is None:  # another process was faster
        row = _newest(subject, rows_of([subject])[subject], klass)
    if row is None and is_buried(subject, klass):
        raise Erased
    if row is None:  # the whole subject was frozen when the key should have been made, and thawed since
        raise Frozen
    return _usable(subject, row), row.gen


def is_restricted(subject: UUID) -> bool:
    """Whether the row that speaks for all of the subject's keys says so."""
    rows = _remembered(subject)
    return any((row.klass, row.state) == (WHOLE_SUBJECT, KeyState.RESTRICTED) for row in rows)


def are_usable(subject: UUID, klass: str) -> bool:
    """Whether a subject's keys of a class may be used here and now; so may one that was not needed yet."""
    row = _newest(subject, rows_of([subject])[subject], klass)
    if row is None:
        return not is_buried(subject, klass)
    return row.state in _in_use(subject)


def is_buried(subject: UUID, klass: str) -> bool:
    """Whether a subject's keys of a class are gone for good, those yet to come included."""
    return Burial.objects.filter(**grave_of(subject, klass)).exists()


def grave_of(subject: UUID, klass: str) -> Mapping[str, object]:
    """How the burial of a subject's keys of a class is found."""
    return {"who": digest_of(subject), "klass__in": {klass, WHOLE_SUBJECT}}


def change_state(subject: UUID, klass: str | None, *, of: Sequence[KeyState], to: KeyState) -> int:
    """Move a subject's keys, of one class or all, from the states ``of`` to ``to``; how many keys that were.

    A row that holds no key yet is left behind for the class, or for the whole subject, so that a write which
    races with this change finds it and fails. A buried subject gets none, and needs none. Destroying is
    for `privacy.keystore.burial` alone.
    """
    with transaction.atomic(using=database()):
        lock(subject)
        rows = SubjectKey.objects.filter(subject=subject)
        if klass is None:
            if not is_buried(subject, WHOLE_SUBJECT):
                SubjectKey.objects.get_or_create(subject=subject, klass=WHOLE_SUBJECT, gen=0)
            rows.filter(klass=WHOLE_SUBJECT, state__in=of).update(state=to)
        else:
            rows = rows.filter(klass=klass)
            if to != KeyState.ACTIVE and not rows.exists():
                _create(subject, klass)
        changed = rows.filter(state__in=of).exclude(klass=WHOLE_SUBJECT).update(state=to)
    forget(subject)
    return changed


def forget(subject: UUID) -> None:
    """Drop what the open scope remembers of a subject."""
    if (scope := current_scope()) is not None:
        scope.rows.pop(subject, None)


def _remember(subject: UUID, rows: tuple[KeyRow, ...]) -> None:
    if (scope := current_scope()) is not None:
        scope.rows[subject] = rows


def _remembered(subject: UUID) -> tuple[KeyRow, ...]:
    scope = current_scope()
    if scope is not None and subject in scope.fresh_rows():
        return scope.rows[subject]
    return rows_of([subject])[subject]


def _in_use(subject: UUID) -> tuple[KeyState, ...]:
    """The states in which a subject's keys work here and now."""
    return (KeyState.ACTIVE, KeyState.RESTRICTED) if is_allowed(subject) else (KeyState.ACTIVE,)


def _whole(subject: UUID, rows: Iterable[KeyRow]) -> KeyRow | None:
    works = _in_use(subject)
    return next((row for row in rows if row.klass == WHOLE_SUBJECT and row.state not in works), None)


def _find(subject: UUID, rows: tuple[KeyRow, ...], klass: str, gen: int) -> KeyRow | None:
    return _whole(subject, rows) or next((row for row in rows if (row.klass, row.gen) == (klass, gen)), None)


def _newest(subject: UUID, rows: tuple[KeyRow, ...], klass: str) -> KeyRow | None:
    of_class = (row for row in rows if row.klass == klass)
    return _whole(subject, rows) or max(of_class, key=lambda row: row.gen, default=None)


def _usable(subject: UUID, row: KeyRow) -> bytes:
    if row.state == KeyState.DESTROYED:
        raise Erased
    if row.state == KeyState.FROZEN:
        raise Frozen
    if row.state not in _in_use(subject):
        raise Restricted
    return row.key


def _opened(row: SubjectKey) -> KeyRow:
    usable = row.state in (KeyState.ACTIVE, KeyState.RESTRICTED) and row.wrapped is not None
    return KeyRow(row.klass, row.gen, KeyState(row.state), unwrap_stored(row) if usable else b"")


def unwrap_stored(row: SubjectKey) -> bytes:
    """A stored key, opened. Raises KeyEncryptionKeyMissing."""
    wrapped, epoch = row.wrapped, row.kek_epoch
    if wrapped is None or epoch is None:
        raise LookupError("this row holds no key")
    key = kek.key_of(row.kek_set, epoch)
    try:
        return unwrap(key, bytes(wrapped), subject=row.subject, klass=row.klass, gen=row.gen, epoch=epoch)
    except KeyEncryptionKeyMissing:
        raise kek.missing(row.kek_set, epoch) from None


def _create(subject: UUID, klass: str) -> KeyRow | None:
    """The first key of that class, made now; None where there is one, or where none may be made."""
    try:
        return _create_once(subject, klass)
    except IntegrityError as error:
        if broken(error) != EPOCH_OVER:
            raise
        return _create_once(subject, klass)  # the keys of keys were rolled at this very moment


def _create_once(subject: UUID, klass: str) -> KeyRow | None:
    kek_set, key = kek.set_of(klass), new_key()
    epoch, wrapping = kek.newest(kek_set)
    wrapped = wrap(wrapping, key, subject=subject, klass=klass, gen=1, epoch=epoch)
    with transaction.atomic(using=database()):
        lock(subject)
        with connections[database()].cursor() as cursor:
            cursor.execute(
                _INSERT_UNLESS_WHOLE_SUBJECT_SAYS_NO,
                [
                    *(uuid7(), subject, klass, wrapped, kek_set, epoch, timezone.now()),
                    *(subject, list(_in_use(subject)), digest_of(subject), klass),
                ],
            )
            made = cursor.rowcount == 1
    return KeyRow(klass, 1, KeyState.ACTIVE, key) if made else None


def lock(subject: UUID) -> None:
    """Making and destroying a subject's keys take turns, so that none is made behind a destruction's back."""
    with connections[database()].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(subject)])
