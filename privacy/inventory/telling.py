"""How people are told what a field of theirs holds: third persons by what they are, ids by what they name."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

NOBODY = ""
_SECRET = re.compile(r"(https?://\S*?/)[A-Za-z0-9_-]{16,}(/?)")


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: a person, and the children whose guardian they are by what they are called at home.

    ``officer``: somebody who works here reads what is held of ``subject``, and no child is named.
    """

    subject: UUID
    wards: Mapping[UUID, str] = field(default_factory=dict, repr=False)
    officer: bool = False

    @property
    def you(self) -> str:
        """The person that all of it is about."""
        return _("本人") if self.officer else _("您")

    def called(self, child: UUID) -> str:
        """A child as the reader speaks of it."""
        nobody = _("一个孩子") if self.officer else _("孩子（资料已经删除，或不由您照看）")
        return self.wards.get(child) or nobody


# The value (an id, or the row a relation leads to), the row it stands in, who reads → what they read.
Telling = Callable[[Any, Any, Reader], str]


def as_person(value: Any, row: Any, reader: Reader) -> str:
    """The reader, a child of theirs, or somebody else, of whom nothing is said."""
    named = _id(value)
    if named is None:
        return NOBODY
    if named == reader.subject:
        return reader.you
    return reader.wards.get(named) or _("另一个人")


def as_guardian(value: Any, row: Any, reader: Reader) -> str:
    """A guardian of the reader's child: the reader, or the other one."""
    named = _id(value)
    if named is None:
        return NOBODY
    return reader.you if named == reader.subject else _("另一位监护人")


def as_staff(value: Any, row: Any, reader: Reader) -> str:
    """Somebody who works here: never by name, unless it is the reader."""
    named = _id(value)
    if named is None:
        return NOBODY
    return reader.you if named == reader.subject else _("工作人员")


def as_child(value: Any, row: Any, reader: Reader) -> str:
    """A child, by what its guardian calls it."""
    named = _id(value)
    return NOBODY if named is None else reader.called(named)


def as_actor(value: Any, row: Any, reader: Reader) -> str:
    """Who did something, where a row says what kind of person that was."""
    kinds = {
        "guardian": _("家长"),
        "staff": _("工作人员"),
        "system": _("系统自动"),
        "anonymous": _("没有登录的人"),
    }
    return kinds[value]


def as_doer(value: Any, row: Any, reader: Reader) -> str:
    """Who did something, where ``row.actor_kind`` says what kind of person it was."""
    named = _id(value)
    if named is None:
        return NOBODY
    return as_staff(value, row, reader) if row.actor_kind == "staff" else as_guardian(value, row, reader)


def as_short(value: Any, row: Any, reader: Reader) -> str:
    """Of a random id as much as tells two apart."""
    return NOBODY if value is None else str(value)[-6:]


def as_it_is(value: Any, row: Any, reader: Reader) -> str:
    """An id that is told as it stands."""
    return str(value)


def as_month(value: Any, row: Any, reader: Reader) -> str:
    """A date of which the month alone is kept."""
    return NOBODY if value is None else f"{value:%Y-%m}"


def as_named(value: Any, row: Any, reader: Reader) -> str:
    """A row by the name it has for people."""
    return NOBODY if value is None else str(value)


def without_tokens(text: str) -> str:
    """A text in which links are told apart from nothing any more: what would open something is cut."""
    return _SECRET.sub(r"\1•••\2", text)


def _id(value: Any) -> UUID | None:
    found = getattr(value, "pk", value)
    return found if isinstance(found, UUID) else None
