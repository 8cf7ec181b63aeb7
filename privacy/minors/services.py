"""Children, read and changed: the one way to them. Their guardian alone gets in; each look is on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.audit.services import record, record_reads
from privacy.keystore.services import Erased, destroy_keys
from privacy.minors.ages import months_between
from privacy.minors.corrections import put_right
from privacy.minors.exceptions import ChildUnknown, NotTheGuardian
from privacy.minors.guard import database, held, let_guardian_use, let_in, own
from privacy.minors.models import Child, ChildCorrection, GuardianInvitation, Guardianship
from privacy.minors.typed import month_from, nickname_from


@dataclass(frozen=True, kw_only=True)
class ChildView:
    """A child in clear, for its guardian's eyes. It prints without what it holds."""

    id: UUID
    public_id: str
    nickname: str = field(repr=False)
    birth_month: date = field(repr=False)


def children_of(*, guardian_id: UUID, by: Actor, among: Collection[UUID] | None = None) -> list[ChildView]:
    """The guardian's children, or those of them ``among``, in clear. Raises NotTheGuardian."""
    let_in(guardian_id, by)
    children = Child.objects.in_care_of(guardian_id)
    return _opened(children if among is None else children.filter(pk__in=among), by)


def find_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> ChildView | None:
    """One child in clear, or None when it is not this guardian's. Raises NotTheGuardian."""
    let_in(guardian_id, by)
    found = _opened(Child.objects.in_care_of(guardian_id).filter(pk=child_id), by)
    return found[0] if found else None


def is_of_age(*, guardian_id: UUID, child_id: UUID, on: date, ages: tuple[int, int], by: Actor) -> bool:
    """Whether a child in that guardian's care will on that day be of ``ages``, whole months, ends included.

    For the software alone, where somebody acts who is not proved to be the guardian: they learn yes or no.
    True for a child that is no longer kept. The look is on record. Raises NotTheGuardian.
    """
    if by != SYSTEM:
        raise NotTheGuardian("a guardian reads the child itself")
    found = _opened(Child.objects.in_care_of(guardian_id).filter(pk=child_id), by)
    return all(ages[0] <= months_between(child.birth_month, on) <= ages[1] for child in found)


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
    after all, the consent is missing and the sweep takes the child away. Raises ChildInvalid,
    NotTheGuardian.
    """
    let_in(guardian_id, by)
    child = Child(
        pk=child_id,
        nickname=nickname_from(nickname),
        birth_month=month_from(birth_month),
        consent_id=consent_id,
    )
    record("child.kept", by=by, subject=child_id, target=child, detail={"consent": consent_id})
    with transaction.atomic(using=database()):
        child.save(force_insert=True)
        Guardianship.objects.create(child=child, guardian_id=guardian_id)


def correct_child(
    *, guardian_id: UUID, child_id: UUID, nickname: str, birth_month: date, by: Actor
) -> list[str]:
    """Write down what the guardian says is right, and what stood there; the ids of the fields that changed.

    The record is committed first: a change without one cannot be. Before and after stay in the vault, in the
    transaction of the change (PIPL 46). Raises ChildInvalid, ChildUnknown.
    """
    let_in(guardian_id, by)
    nickname, birth_month = nickname_from(nickname), month_from(birth_month)
    with transaction.atomic(durable=True):
        record("child.corrected", by=by, subject=child_id, target=own(guardian_id, child_id))
    let_guardian_use([child_id], by)
    with transaction.atomic(using=database()):
        child = own(guardian_id, child_id, locked=True)
        try:
            return put_right(child, {"nickname": nickname, "birth_month": birth_month}, guardian_id)
        except Erased as erased:  # being deleted
            raise ChildUnknown from erased


def doubt_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> None:
    """Mark the child before its consent is withdrawn: what then breaks off, the sweep finishes.

    Raises ChildUnknown.
    """
    let_in(guardian_id, by)
    own(guardian_id, child_id)
    Child.objects.filter(pk=child_id).update(in_doubt_since=timezone.now())


def leave_child(*, guardian_id: UUID, child_id: UUID, by: Actor) -> bool:
    """End the guardian's part in the child, which stays with its other guardians; whether none was left.

    With the last one it goes: keys first, then rows, on record before. Raises ChildUnknown.
    """
    let_in(guardian_id, by)
    own(guardian_id, child_id)
    with transaction.atomic(using=database()):
        child = held(child_id)
        return child is None or _end(child, {guardian_id}, by)


def forget_guardian(*, guardian_id: UUID) -> int:
    """Name somebody who is gone nowhere among the children of others; how many rows named them."""
    with transaction.atomic(using=database()):
        said = ChildCorrection.objects.filter(by_id=guardian_id).update(by_id=None)
        return said + GuardianInvitation.objects.all().naming([guardian_id]).delete()[0]


def rest_on(*, child_id: UUID, consent_id: UUID) -> None:
    """The child is kept by another guardian's consent from now on."""
    Child.objects.filter(pk=child_id).update(consent_id=consent_id)


def guardians_of(*, children: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who looks after each of the children, by subject ids; nothing of them is opened."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    pairs = Guardianship.objects.filter(child_id__in=children).values_list("child_id", "guardian_id")
    for child_id, guardian_id in pairs:
        found[child_id].add(guardian_id)
    return found


def children_in_doubt(*, before: datetime, most: int) -> Sequence[UUID]:
    """Up to ``most`` children whose consents are to be looked for, marked before ``before``, oldest first."""
    return list(Child.objects.in_doubt(before).values_list("pk", flat=True)[:most])


def settle_children(*, children: Collection[UUID], before: datetime) -> None:
    """Their consents stand: nobody need look again, unless they were marked anew since ``before``."""
    Child.objects.in_doubt(before).filter(pk__in=children).update(in_doubt_since=None)


def end_guardianships(*, child_id: UUID, guardians: Collection[UUID], before: datetime) -> bool:
    """End what is without a consent of its own; whether the child went with it, keys included. On record.

    A child marked anew since ``before`` is left alone.
    """
    with transaction.atomic(using=database()):
        child = held(child_id)
        if child is None or child.in_doubt_since is None or child.in_doubt_since >= before:
            return False
        return _end(child, guardians, SYSTEM)


def _end(child: Child, leaving: Collection[UUID], by: Actor) -> bool:
    """While the child is held: two who leave at once are one after the other, and the second is the last."""
    if not child.guardianships.exclude(guardian_id__in=leaving).exists():
        _remove(child, "child.dropped" if by == SYSTEM else "child.deleted", by)
        return True
    with transaction.atomic(durable=True):
        for guardian_id in leaving:
            record("guardianship.ended", by=by, subject=guardian_id, target=child)
    child.guardianships.filter(guardian_id__in=leaving).delete()
    GuardianInvitation.objects.filter(child=child).naming(leaving).delete()
    return False


def _opened(children: Iterable[Child], by: Actor) -> list[ChildView]:
    rows = list(children)
    let_guardian_use([child.pk for child in rows], by)
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
    with transaction.atomic(using=database()):
        child.delete()
