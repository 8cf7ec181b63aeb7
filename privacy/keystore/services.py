"""Sealing and opening values, and what can happen to the keys that do it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from privacy.keystore import burial, store
from privacy.keystore.enums import Algorithm, KeyState
from privacy.keystore.envelope import Place, generation_of, open_under, seal_under
from privacy.keystore.exceptions import (
    Erased,
    Frozen,
    KeyEncryptionKeyMissing,
    Restricted,
    SealError,
    Tampered,
)
from privacy.keystore.ledger import NO_KEYS, Entry
from privacy.keystore.mac import mac
from privacy.keystore.models import UNPROVED, WHOLE_SUBJECT, SubjectKey
from privacy.keystore.scope import current_scope, key_scope, let_own, restricted_allowed
from privacy.keystore.store import are_usable, is_buried

__all__ = [
    "UNPROVED_LIFETIME",
    "Algorithm",
    "Erased",
    "Frozen",
    "KeyEncryptionKeyMissing",
    "Restricted",
    "SealError",
    "Tampered",
    "are_usable",
    "destroy_keys",
    "destroy_unproved_before",
    "drop_key_rows",
    "freeze_keys",
    "frozen_subjects",
    "generation_of",
    "is_buried",
    "key_scope",
    "keys_restricted",
    "let_own",
    "lift_restriction",
    "open_sealed",
    "prefetch_keys",
    "refuse_missing_keys",
    "restrict_frozen",
    "restrict_keys",
    "restricted_allowed",
    "restricted_subjects",
    "seal",
    "thaw_keys",
    "unproved_subject",
]

_UUID_CUSTOM_VERSION = 8  # RFC 9562, 5.8: a layout of one's own; people's ids are version 7

# From the beginning of its hour. An hour short of a day, so that a sweep that comes late, by up to an hour,
# still makes a number unreadable within 24 hours of being typed.
UNPROVED_LIFETIME = timedelta(hours=23)


def seal(
    plaintext: bytes,
    *,
    field_id: str,
    row_id: str,
    subject: UUID,
    klass: str,
    algorithm: Algorithm = Algorithm.AES_256_GCM,
) -> bytes:
    """The sealed value, which opens only for this field, row, subject and class. Raises Erased, Frozen."""
    place = _place(field_id, row_id, subject, klass)
    key, gen = store.key_for_sealing(subject, place.klass)
    return seal_under(key, gen, plaintext, place, algorithm)


def open_sealed(sealed: bytes, *, field_id: str, row_id: str, subject: UUID, klass: str) -> bytes:
    """What was sealed there. Raises Erased, Frozen, Tampered."""
    place = _place(field_id, row_id, subject, klass)
    key = store.key_for_opening(subject, place.klass, generation_of(sealed))
    return open_under(key, sealed, place)


def prefetch_keys(pairs: Iterable[tuple[UUID, str]]) -> None:
    """Read the keys of many (subject, class) pairs in one query; outside a key scope nothing keeps them."""
    scope = current_scope()
    if scope is None:
        return
    missing = {subject for subject, _ in pairs} - scope.fresh_rows().keys()
    if missing:
        store.rows_of(missing)


def destroy_keys(subject: UUID, klass: str | None = None, *, entry: Entry | None = None) -> int:
    """Destroy a subject's keys, of one class or all; how many. What they sealed is unreadable from now on.

    Nothing new can be sealed for that subject and class either. There is no way back: it stands in the
    erasure ledger before it happens, as ``entry`` or as one written now, and a restored key store obeys that.
    """
    return burial.destroy(subject, klass, entry=entry)


def drop_key_rows(subject: UUID) -> int:
    """Delete the rows of a subject's destroyed keys; how many. Nobody reads or writes under them after."""
    return burial.drop_rows(subject)


def freeze_keys(subject: UUID, klass: str | None = None) -> int:
    """Let nobody read or write under a subject's keys until they are thawed; how many keys."""
    return store.change_state(subject, klass, of=(KeyState.ACTIVE, KeyState.RESTRICTED), to=KeyState.FROZEN)


def thaw_keys(subject: UUID, klass: str | None = None) -> int:
    """Undo freeze_keys; how many keys. Destroyed keys stay destroyed."""
    return store.change_state(subject, klass, of=(KeyState.FROZEN,), to=KeyState.ACTIVE)


def restrict_keys(subject: UUID) -> int:
    """Let a subject's keys work for the person's own wish and what the law names alone; how many keys.

    See `privacy.keystore.scope`: `let_own`, `restricted_allowed`. Everybody else meets Restricted.
    """
    return store.change_state(subject, None, of=(KeyState.ACTIVE,), to=KeyState.RESTRICTED)


def lift_restriction(subject: UUID) -> int:
    """Undo restrict_keys; how many keys."""
    return store.change_state(subject, None, of=(KeyState.RESTRICTED,), to=KeyState.ACTIVE)


def restrict_frozen(subject: UUID) -> int:
    """Let what is left of a frozen subject's keys work for what the law names alone; how many keys."""
    frozen = (KeyState.FROZEN, KeyState.ACTIVE)
    return store.change_state(subject, None, of=frozen, to=KeyState.RESTRICTED)


def frozen_subjects() -> set[UUID]:
    """Whose keys are frozen as a whole."""
    whole = SubjectKey.objects.filter(klass=WHOLE_SUBJECT, state=KeyState.FROZEN)
    return set(whole.values_list("subject", flat=True))


def restricted_subjects() -> set[UUID]:
    """Whose keys are restricted as a whole at somebody's wish: what an erasure left stays as it is."""
    whole = SubjectKey.objects.filter(klass=WHOLE_SUBJECT, state=KeyState.RESTRICTED)
    return {one for one in whole.values_list("subject", flat=True) if not is_buried(one, NO_KEYS)}


def keys_restricted(subject: UUID) -> bool:
    """Whether a subject's keys are restricted, whoever may use them here; no query more than to use them."""
    return store.is_restricted(subject)


def unproved_subject(at: datetime) -> UUID:
    """The subject under which a number is sealed that nobody has proved to be theirs: one for each hour.

    All numbers typed within an hour share one key, which goes with destroy_unproved_before. With buckets of
    a day the number typed first would be readable for two days, or the one typed last for a minute; with
    buckets of an hour each is readable for most of a day and never for more than one. Keys of such a subject
    are of the class `unproved`, whatever class the field declares.
    """
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    digest = mac("unproved subject", hour.isoformat())
    return UUID(int=_with_version(int.from_bytes(digest[:16], "big")))


def destroy_unproved_before(at: datetime | None = None) -> int:
    """Destroy the keys of hour buckets begun at or before ``at``, by default UNPROVED_LIFETIME ago; how many.

    Run it at least hourly and without an argument: then a number never proved is unreadable at most 24 hours
    after it was typed.
    """
    began_by = at if at is not None else timezone.now() - UNPROVED_LIFETIME
    next_hour = began_by.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    due = SubjectKey.objects.filter(klass=UNPROVED, created_at__lt=next_hour).exclude(
        state=KeyState.DESTROYED
    )
    return sum(destroy_keys(subject, UNPROVED) for subject in due.values_list("subject", flat=True))


def refuse_missing_keys() -> None:
    """Raises ImproperlyConfigured unless each epoch that wraps stored keys is configured and opens one."""
    wrapped = SubjectKey.objects.filter(wrapped__isnull=False)
    one_each = wrapped.order_by("kek_set", "kek_epoch").distinct("kek_set", "kek_epoch")
    try:
        for row in one_each:
            store.unwrap_stored(row)
    except KeyEncryptionKeyMissing as missing:
        raise ImproperlyConfigured(str(missing)) from None


def _place(field_id: str, row_id: str, subject: UUID, klass: str) -> Place:
    unproved = subject.version == _UUID_CUSTOM_VERSION
    return Place(field_id, row_id, subject, UNPROVED if unproved else klass)


def _with_version(value: int) -> int:
    value = value & ~(0xF << 76) | _UUID_CUSTOM_VERSION << 76
    return value & ~(0b11 << 62) | 0b10 << 62
