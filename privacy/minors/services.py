"""Children, read and changed: the one way to them. Their guardian alone gets in; each look is on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import router, transaction
from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record, record_reads
from privacy.keystore.services import Erased, destroy_keys
from privacy.minors.exceptions import ChildUnknown, NotTheGuardian
from privacy.minors.models import Child, Guardianship
from privacy.minors.typed import month_from, nickname_from


@dataclass(frozen=True, kw_only=True)
class ChildView:
    """A child in clear, for its guardian's eyes. It prints without what it holds."""

    id: UUID
    public_id: str
    nickname: str = field(repr=False)
    birth_month: date = field(repr=False)


def children_of(*, guardian_id: UUID, by: Actor) -> list[ChildView]:
    """The guardian's children, in clear. Raises NotTheGuardian."""
    _let_in(guardian_id, by)
    return _opened(Child.objects.in_care_of(guardian_id), by)


def find_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> ChildView | None:
    """One child in clear, or None when it is not this guardian's. Raises NotTheGuardian."""
    _let_in(guardian_id, by)
    found = _opened(Child.objects.in_care_of(guardian_id).filter(pk=child_id), by)
    return found[0] if found else None


def child_named(*, guardian_id: UUID, public_id: str) -> UUID | None:
    """The subject id of the guardian's child of that name in addresses; nothing of it is opened."""
    children = Child.objects.in_care_of(guardian_id).filter(public_id=public_id)
    return children.values_list("pk", flat=True).first()


def names_of(*, guardian_id: UUID) -> dict[UUID, str]:
    """The names in addresses of the guardian's children, by subject id; nothing of them is opened."""
    return dict(Child.objects.in_care_of(guardian_id).values_list("pk", "public_id"))


def keep_child(
    *, child_id: UUID, guardian_id: UUID, nickname: str, birth_month: date, consent_id: UUID, by: Actor
) -> None:
    """Keep a child under an id and a consent of the caller's, and record it in the caller's transaction.

    The child is committed at once, in another database: call it last. Should the caller's transaction fail
    after all, the consent is missing and `drop_child` takes the child away. Raises ChildInvalid,
    NotTheGuardian.
    """
    _let_in(guardian_id, by)
    child = Child(
        pk=child_id,
        nickname=nickname_from(nickname),
        birth_month=month_from(birth_month),
        consent_id=consent_id,
    )
    record("child.kept", by=by, subject=child_id, target=child, detail={"consent": consent_id})
    with transaction.atomic(using=_database()):
        child.save(force_insert=True)
        Guardianship.objects.create(child=child, guardian_id=guardian_id)


def correct_child(*, guardian_id: UUID, child_id: UUID, nickname: str, birth_month: date, by: Actor) -> None:
    """Write down what the guardian says is right. Raises ChildInvalid, ChildUnknown, NotTheGuardian.

    The record is committed first: a change without one cannot be.
    """
    _let_in(guardian_id, by)
    nickname, birth_month = nickname_from(nickname), month_from(birth_month)
    with transaction.atomic(durable=True):
        record("child.corrected", by=by, subject=child_id, target=_own(guardian_id, child_id))
    with transaction.atomic(using=_database()):
        child = _own(guardian_id, child_id, locked=True)
        child.nickname, child.birth_month = nickname, birth_month
        try:
            child.save(update_fields=["nickname", "birth_month"])
        except Erased as erased:  # being deleted
            raise ChildUnknown from erased


def doubt_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> None:
    """Mark the child before its consent is withdrawn: what then breaks off, the sweep finishes.

    Raises ChildUnknown, NotTheGuardian.
    """
    _let_in(guardian_id, by)
    _own(guardian_id, child_id)
    Child.objects.filter(pk=child_id).update(in_doubt_since=timezone.now())


def delete_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> None:
    """Destroy the child's keys, then its rows; on record first. Raises ChildUnknown, NotTheGuardian."""
    _let_in(guardian_id, by)
    _remove(_own(guardian_id, child_id), "child.deleted", by)


def children_in_doubt(*, before: datetime, most: int) -> Sequence[UUID]:
    """Up to ``most`` children whose consent has to be looked for, marked before ``before``, oldest first."""
    return list(Child.objects.in_doubt(before).values_list("pk", flat=True)[:most])


def settle_children(*, children: Collection[UUID]) -> None:
    """Their consents stand: nobody need look again."""
    Child.objects.filter(pk__in=children).update(in_doubt_since=None)


def drop_child(*, child_id: UUID) -> None:
    """Take away a child without consent, keys included, on record."""
    child = Child.objects.filter(pk=child_id).first()
    if child is not None:
        _remove(child, "child.dropped", SYSTEM)


def _opened(children: Iterable[Child], by: Actor) -> list[ChildView]:
    rows = list(children)
    record_reads("child.read", by=by, of=[(child.pk, child) for child in rows])
    views = []
    for child in rows:
        try:
            nickname, birth_month = child.nickname, child.birth_month
        except Erased:  # its keys went just now, and its rows are going
            continue
        views.append(
            ChildView(id=child.pk, public_id=child.public_id, nickname=nickname, birth_month=birth_month)
        )
    return views


def _remove(child: Child, action: str, by: Actor) -> None:
    """Keys first: what breaks off after that has left nothing to be read, and a row by which it is found."""
    with transaction.atomic(durable=True):
        record(action, by=by, subject=child.pk, target=child)
    destroy_keys(child.pk)
    with transaction.atomic(using=_database()):
        child.delete()


def _own(guardian_id: UUID, child_id: UUID, *, locked: bool = False) -> Child:
    children = Child.objects.in_care_of(guardian_id).filter(pk=child_id)
    child = (children.select_for_update(of=("self",)) if locked else children).first()
    if child is None:
        raise ChildUnknown
    return child


def _let_in(guardian_id: UUID, by: Actor) -> None:
    """Nobody but the guardian, for now: staff will come in by an approval, and not before."""
    if by.kind != "guardian" or by.id != guardian_id:
        raise NotTheGuardian("only its guardian reaches a child")


def _database() -> str:
    return router.db_for_write(Child)
