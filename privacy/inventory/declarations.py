"""What is said about a field, a purpose, a time limit, and a store that is no table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from django.utils.functional import Promise

from privacy.inventory.enums import Erase, Grade, KeepReason, Klass, Sensitive, Shape
from privacy.inventory.telling import Telling


@dataclass(frozen=True, slots=True)
class Plain:
    """A field with nothing about a person in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Personal:
    """A field with something about a person in it.

    ``id`` is stable: a sealed value is bound to it, so it outlives renames and is never used again.
    ``why`` and ``keep`` name a registered Purpose and Keep. Whoever asks what we hold about them is told the
    value under its ``label``, as ``told`` puts it, or why they are not: ``withheld``.
    """

    id: str
    category: str
    grade: Grade
    why: str
    keep: str
    erase: Erase
    export: bool
    sensitive: Sensitive | None = None
    title: str | Promise = ""  # what people read
    sealed: bool = False
    shape: Shape = Shape.TEXT
    subject: str | None = None  # path to the subject id, where it differs from the model's
    klass: Klass = Klass.CORE
    unsealed_because: str = ""  # why a field of grade three or four holds no sealed value
    necessity: str | Promise = ""  # why a child's field is needed, as its guardian reads it before consenting
    label: str | Promise = ""  # what it is called among the fields that share its title
    withheld: str | Promise = ""  # why its person does not get it, as they read it; said where export is not
    told: Telling | None = None  # how its person reads it, where that is not the value itself

    @property
    def name(self) -> str | Promise:
        """What people call this one field."""
        return self.label or self.title

    @property
    def is_credential(self) -> bool:
        """Whether the field lets somebody in, or is the digest of what does."""
        return "credential" in self.category


Declaration = Plain | Personal


class Wording(TypedDict, total=False):
    """What `Personal` says to the person a field is about."""

    label: str | Promise
    withheld: str | Promise
    told: Telling | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside who gets something. ``hosts`` are the only ones that code can reach for their sake."""

    name: str
    title: str
    kind: str  # processor, affiliate, partner or authority
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why we hold something. ``basis`` names the legal ground, ``shared_with`` registered recipients.

    ``of_staff``: it concerns those who work here alone, so the parents' policy does not speak of it.
    ``place``: where it stands in the policy's list, which follows what parents do.
    """

    name: str
    title: str
    basis: str
    shared_with: tuple[str, ...] = ()
    of_staff: bool = False
    place: int = 50


@dataclass(frozen=True, slots=True)
class Keep:
    """How long. All three run from ``start``: law keeps us from erasing before ``floor``, our promise from
    keeping beyond ``ceiling`` (None: as long as ``start`` has not come, and not a day longer), and ``period``
    is what we do, between them; `LEAP_KEEP_DAYS` may say another. ``reason`` is one of the policy's
    (L-PP-4.1-3e), ``source`` the law's article or the policy's clause."""

    name: str
    title: str
    start: str
    floor: timedelta
    ceiling: timedelta | None
    source: str
    period: timedelta
    reason: KeepReason


@dataclass(frozen=True, slots=True)
class Store:
    """A place that holds something about people and is no table: a log, a queue, a cache.

    ``told``: whether the parents' policy lists it; the record of processing always does.
    """

    name: str
    title: str
    holds: str
    why: str
    keep: str
    told: bool = True


@dataclass(frozen=True, slots=True)
class ModelRule:
    """What a model that cannot carry a ``class Privacy`` would say there."""

    subject: str | None = None
    app_rights: tuple[str, ...] | None = None  # of the app role on the table, as in GRANT
    nobody_because: str = ""  # why no row leads to the person it is about
