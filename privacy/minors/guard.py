"""Who gets in to a child, and the row they get: what everything in the vault begins with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import router

from privacy.actors import Actor
from privacy.keystore.services import let_own
from privacy.minors.exceptions import ChildUnknown, NotTheGuardian
from privacy.minors.models import Child


def let_in(guardian_id: UUID, by: Actor) -> None:
    """Nobody but the guardian, for now: staff will come in by an approval, and not before.

    Raises NotTheGuardian.
    """
    if by.kind != "guardian" or by.id != guardian_id:
        raise NotTheGuardian("only its guardian reaches a child")


def let_guardian_use(children: Iterable[UUID], by: Actor) -> None:
    """Whoever restricted the use of their ward's data still reads and corrects it, until the request ends."""
    if by.kind == "guardian":
        for child in children:
            let_own(child)


def database() -> str:
    """The alias of the vault."""
    return router.db_for_write(Child)


def own(guardian_id: UUID, child_id: UUID, *, locked: bool = False) -> Child:
    """The row of the guardian's child, unopened. Raises ChildUnknown."""
    children = Child.objects.in_care_of(guardian_id).filter(pk=child_id)
    child = (children.select_for_update(of=("self",)) if locked else children).first()
    if child is None:
        raise ChildUnknown
    return child


def held(child_id: UUID) -> Child | None:
    """The child, held until the transaction ends. Whatever changes who looks after it begins here."""
    return Child.objects.select_for_update(of=("self",)).filter(pk=child_id).first()
