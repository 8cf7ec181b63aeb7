"""Every field of every model is declared with one of these."""

from typing import Any, TypeVar, Unpack

from django.db.models import Field
from django.utils.functional import Promise

from privacy.inventory.columns import SealedColumn
from privacy.inventory.declarations import Personal, Plain, Wording
from privacy.inventory.enums import Erase, Grade, Klass, Sensitive
from privacy.inventory.indexes import BlindIndex
from privacy.inventory.rows import SealedManager, SealedModel, SealedQuerySet
from privacy.inventory.sealed import SealedDate, SealedPhone, SealedText

__all__ = [
    "BlindIndex",
    "Erase",
    "Grade",
    "Klass",
    "SealedColumn",
    "SealedDate",
    "SealedManager",
    "SealedModel",
    "SealedPhone",
    "SealedQuerySet",
    "SealedText",
    "Sensitive",
    "personal",
    "plain",
]

AnyField = TypeVar("AnyField", bound="Field[Any, Any]")


def plain(field: AnyField, reason: str = "no person in it") -> AnyField:
    """A field with nothing about a person in it."""
    field.declaration = Plain(reason)  # type: ignore[attr-defined]  # our own attribute
    return field


def personal(  # noqa: PLR0913  a declaration says many things, each by name
    field: AnyField,
    id: str,  # noqa: A002  the stable id, which every declaration begins with
    category: str,
    *,
    grade: Grade | int,
    why: str,
    keep: str,
    erase: Erase = Erase.DELETE,
    export: bool = True,
    sensitive: Sensitive | str | None = None,
    title: str | Promise = "",
    unsealed_because: str = "",
    necessity: str | Promise = "",
    **words: Unpack[Wording],
) -> AnyField:
    """A field with something about a person in it, stored as it is.

    ``title`` is what people read, and ``label`` what they call this field where several share a title; by
    default the field's verbose name. A digest of grade three or four says in ``unsealed_because`` why it is
    no sealed field. ``necessity``: why a child's field is needed. ``withheld``: why its person does not get
    it, where ``export`` is False. ``told``: how its person reads it, where that is not the value itself.
    """
    own = field._verbose_name or ""  # type: ignore[attr-defined]  # missing in the stubs
    words["label"] = words.get("label") or own
    field.declaration = Personal(  # type: ignore[attr-defined]  # our own attribute
        id=id,
        category=category,
        grade=Grade(grade),
        why=why,
        keep=keep,
        erase=erase,
        export=export,
        sensitive=None if sensitive is None else Sensitive(sensitive),
        title=title or own,
        unsealed_because=unsealed_because,
        necessity=necessity,
        **words,
    )
    return field
