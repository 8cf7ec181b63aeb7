"""Who may read what we hold of whom: a person their own and their children's, an officer through the mask."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from privacy.actors import Actor
from privacy.consent.services import agreed_for
from privacy.inventory.telling import Reader
from privacy.keystore.services import key_scope
from privacy.minors import services as minors
from privacy.minors.services import ChildView
from privacy.rights.exceptions import NotTheirs


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of what we hold about ``subject_id``, by the person or, ``masked``, by an officer."""

    subject_id: UUID
    by: Actor
    masked: bool = False

    @cached_property
    def wards(self) -> dict[UUID, ChildView]:
        """The children in the reader's care under their own standing consent; the look is on record.

        Nobody's for an officer: nothing of a child is opened.
        """
        if self.masked or self.by.kind != "guardian":
            return {}
        agreed = agreed_for(subject=self.subject_id)
        with key_scope():  # within one, who restricted the use of a ward's data still reads it
            found = minors.children_of(guardian_id=self.subject_id, by=self.by, among=agreed)
        return {child.id: child for child in found}

    def reader(self) -> Reader:
        """For the functions that put values into words."""
        names = {child.id: child.nickname for child in self.wards.values()}
        return Reader(subject=self.subject_id, wards=names, officer=self.masked)


def reading(*, subject_id: UUID, by: Actor) -> Reading:
    """Begin to read. Raises NotTheirs for everybody but the person and those who work here.

    An officer reads through the mask. A worker that makes somebody's copy acts as that somebody: they asked.
    """
    if by.id == subject_id:
        return Reading(subject_id=subject_id, by=by)
    if by.kind == "staff":
        return Reading(subject_id=subject_id, by=by, masked=True)
    raise NotTheirs
