"""Writing the record of a deed."""

import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import connections, router, transaction
from django.db.models import Model

from privacy.actors import Actor
from privacy.audit.models import AuditEvent

DetailValue = bool | int | UUID | str

_ACTION = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*\Z")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_TOKEN = re.compile(r"[a-z0-9_.:-]{1,64}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGITS = re.compile(r"[0-9]{7}")  # of a number, a card, a document
_MOBILE = re.compile(r"1[3-9][0-9]{9}")  # however its digits were grouped
_LONGEST_COUNT = 10**10  # a whole number of eleven digits may be somebody's
_LONGEST_KEY = 10**6  # of tables without people, which alone count their rows
_APART = "recorded reads"  # the alias of a second connection, for as long as a record is written


def record(
    action: str,
    *,
    by: Actor,
    subject: UUID | None = None,
    target: Model | None = None,
    detail: Mapping[str, DetailValue] | None = None,
) -> AuditEvent:
    """Append one event in the caller's transaction, so that the deed and its record stand or fall together.

    ``action`` is a noun and what was done to it, ``booking.cancelled``; ``target`` is the row it was done to,
    kept as ``app.model/id``. ``detail`` takes flags, counts, ids and short identifiers: a value that could be
    a number or somebody's words raises ValueError, whose text does not hold it. Raises RuntimeError outside a
    transaction.
    """
    if not transaction.get_connection(router.db_for_write(AuditEvent)).in_atomic_block:
        raise RuntimeError(f"{action} must be recorded within the transaction of the deed.")
    event = _event(action, by=by, subject=subject, target=target, detail=detail)
    event.save(force_insert=True)
    return event


def record_reads(action: str, *, by: Actor, of: Iterable[tuple[UUID, Model]]) -> None:
    """Record that each of ``of`` (whose, and which row) is about to be read, committed when this returns.

    On a connection of its own: whatever becomes of the caller's transaction, the look stays on record. When
    it fails it raises, and nobody may look.
    """
    events = [_event(action, by=by, subject=subject, target=row) for subject, row in of]
    if not events:
        return
    default = connections[router.db_for_write(AuditEvent)]
    connections[_APART] = apart = default.copy(_APART)
    try:
        AuditEvent.objects.using(_APART).bulk_create(events)
    finally:
        del connections[_APART]
        apart.close()


def _event(
    action: str,
    *,
    by: Actor,
    subject: UUID | None,
    target: Model | None,
    detail: Mapping[str, DetailValue] | None = None,
) -> AuditEvent:
    if not _ACTION.match(action):
        raise ValueError("An action is a noun and a past participle: booking.cancelled.")
    return AuditEvent(
        actor_kind=by.kind,
        actor_id=by.id,
        action=action,
        subject_id=subject,
        target=name_of(target) if target is not None else "",
        detail={name: _harmless(action, name, value) for name, value in (detail or {}).items()},
    )


def name_of(row: Model) -> str:
    """The one spelling of a row here: ``enrollment.trialbooking/0198…``.

    Raises ValueError for a row that is not saved, or whose key is no random id: a text may be somebody's.
    """
    key, label = row.pk, row._meta.label_lower
    if not isinstance(key, UUID) and not (isinstance(key, int) and 0 < key < _LONGEST_KEY):
        raise ValueError(f"a row of {label} is not named by a random id")
    return f"{label}/{key}"


def _harmless(action: str, name: str, value: DetailValue) -> bool | int | str:
    if not _NAME.match(name) or _like_a_number(name):
        raise ValueError(f"{action}: a detail has a name that is not plain.")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) < _LONGEST_COUNT):
        return value
    if isinstance(value, str) and _TOKEN.match(value) and not _like_a_number(value):
        return value
    raise ValueError(f"{action}: the detail {name} is neither a flag, a count, an id nor a short identifier.")


def _like_a_number(text: str) -> bool:
    bare = _UUID.sub("", text)
    return bool(_DIGITS.search(bare) or _MOBILE.search(re.sub(r"[-.:_/]", "", bare)))
