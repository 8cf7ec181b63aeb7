"""Whose records an authority may want kept, found by a number: what there is of them, nothing opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.services.guardians import find_guardian, masked_phone_of
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.minors.services import names_of
from privacy.retention.exceptions import HoldRefused
from privacy.retention.models import LegalHold
from privacy.retention.services.holds import Record, place
from privacy.rights.services.holdings import counts, reading


@dataclass(frozen=True, kw_only=True)
class Party:
    """A guardian, or one of their children: what tables hold something of them, and how much."""

    subject_id: UUID
    number: int
    """0 for the guardian, 1 and on for the children, in the order of their ids."""
    kinds: list[tuple[str, str, int]]
    """(table, title, how many)."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A guardian whose number was named."""

    subject_id: UUID
    phone: str
    """Through its mask."""
    parties: list[Party]


@transaction.atomic
def find_person(*, phone: str, by: Actor) -> Person | None:
    """Who has that number (E.164) now, and what there is of them, as `find_account`."""
    found = find_account(phone=phone, by=by)
    return person(subject_id=found, by=by) if found else None


@transaction.atomic
def find_account(*, phone: str, by: Actor) -> UUID | None:
    """The subject id of whoever has that number (E.164) now.

    The search is on record, and not in what the person is told: a document may forbid that.
    """
    guardian = find_guardian(phone=phone)
    record("account.searched", by=by, detail={"found": guardian is not None})
    return guardian.pk if guardian else None


def person(*, subject_id: UUID, by: Actor) -> Person:
    """What there is of a guardian and of each child in their care. Nothing is opened."""
    children = sorted(names_of(guardian_id=subject_id))
    parties = [_party(subject_id, 0, None, by)]
    parties += [_party(subject_id, number, child, by) for number, child in enumerate(children, start=1)]
    return Person(subject_id=subject_id, phone=masked_phone_of(subject_id), parties=parties)


def _party(guardian: UUID, number: int, child: UUID | None, by: Actor) -> Party:
    kinds: dict[str, tuple[str, str, int]] = {}
    for holding in counts(reading=reading(subject_id=guardian, by=by), ward=child):
        label = holding.area.model._meta.label_lower
        kinds.setdefault(label, (label, str(holding.area.title), holding.count))
    return Party(subject_id=child or guardian, number=number, kinds=list(kinds.values()))


@transaction.atomic
def place_holds(
    *,
    person: Person,
    chosen: Sequence[tuple[int, str]],
    authority: str,
    document: str,
    review_on: date,
    may_tell: bool,
    by: Actor,
) -> list[LegalHold]:
    """Keep the tables chosen: one hold for each party whose records they are. Raises HoldRefused."""
    holds = []
    for party in person.parties:
        known = {label for label, _title, _count in party.kinds}
        records: list[Record] = [
            (label, None) for number, label in chosen if number == party.number and label in known
        ]
        if records:
            holds.append(
                place(
                    subject_id=party.subject_id,
                    authority=authority,
                    document=document,
                    review_on=review_on,
                    records=records,
                    may_tell=may_tell,
                    by=by,
                )
            )
    if not holds:
        raise HoldRefused("records", "")
    return holds


@transaction.atomic
def look_at_holds(*, holds: Sequence[LegalHold], by: Actor) -> None:
    """Put on record that somebody looked at these holds; the person is told nothing by it."""
    for hold in holds:
        record("hold.read", by=by, target=hold)
