"""Sealed fields: assigned as what they are, stored as bytes, opened on access and for their own row only."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, TypedDict, Unpack, cast
from uuid import UUID

from django.db.models import Model
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import Promise

from privacy.inventory.columns import Get, SealedColumn, Set
from privacy.inventory.declarations import Personal, Wording
from privacy.inventory.enums import Erase, Grade, Klass, Sensitive, Shape
from privacy.inventory.exceptions import SealedValueMoved, SubjectMissing
from privacy.inventory.holders import MASK, Outgoing, Pending, Plaintext, Sealed, reads_as_held
from privacy.inventory.pages import blind_indexes_of, warm_page_of
from privacy.inventory.registry import subject_path
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import Erased, Tampered, open_sealed, seal

_E164 = re.compile(r"\+[1-9][0-9]{7,14}\Z")


class ColumnOptions(TypedDict, total=False):
    """What of Django's own options makes sense on a sealed column."""

    blank: bool
    default: Any
    help_text: Any
    db_column: str | None
    max_length: int | None
    validators: Iterable[Any]


class SealedOptions(ColumnOptions, Wording, total=False):
    """Both."""


def _sorted_out(options: SealedOptions) -> tuple[ColumnOptions, Wording]:
    words = {name: value for name, value in options.items() if name in Wording.__annotations__}
    column = {name: value for name, value in options.items() if name not in words}
    return cast(ColumnOptions, column), cast(Wording, words)


class SealedAttribute(DeferredAttribute):
    """Opens on reading, holds what is assigned until the row is saved."""

    field: "SealedField[Any, Any]"

    def __get__(self, instance: Model | None, cls: type[Model] | None = None) -> Any:
        held = super().__get__(instance, cls)
        if instance is None or held is None or reads_as_held():
            return held
        return held.value if isinstance(held, Pending) else self.field.open_for(instance, held)

    def __set__(self, instance: Model, value: Any) -> None:
        if value is None or isinstance(value, Sealed | Pending):
            held = value
        else:
            held = Pending(self.field.checked(value))
        instance.__dict__[self.field.attname] = held


class SealedField(SealedColumn[Set, Get]):
    """What the sealed fields share. ``title`` is what people read, ``klass`` the key's retention class."""

    descriptor_class = SealedAttribute
    shape: ClassVar[Shape]

    def __init__(  # noqa: PLR0913  a declaration says many things, each by name
        self,
        id: str,  # noqa: A002  the stable id, which every declaration begins with
        category: str,
        *,
        why: str,
        keep: str,
        grade: Grade | int,
        sensitive: Sensitive | str | None = None,
        title: str | Promise = "",
        subject: str | None = None,
        klass: Klass | str = Klass.CORE,
        erase: Erase = Erase.SHRED,
        export: bool = True,
        necessity: str | Promise = "",
        null: bool = False,
        **options: Unpack[SealedOptions],
    ) -> None:
        column, words = _sorted_out(options)
        self.declaration = Personal(
            id=id,
            category=category,
            grade=Grade(grade),
            why=why,
            keep=keep,
            erase=erase,
            export=export,
            sensitive=None if sensitive is None else Sensitive(sensitive),
            title=title,
            sealed=True,
            shape=self.shape,
            subject=subject,
            klass=Klass(klass),
            necessity=necessity,
            **words,
        )
        # Not editable: no model form offers a field whose value it would show.
        super().__init__(null=null, editable=False, **column)

    def checked(self, value: Any) -> Plaintext:
        """``value`` if this field can hold it. Raises TypeError or ValueError, not quoting it."""
        raise NotImplementedError

    def encoded(self, value: Plaintext) -> str:
        """``value`` as the text that is sealed and indexed."""
        return cast(str, value)

    def decoded(self, text: str) -> Plaintext:
        """What ``encoded`` was given."""
        return text

    def clean(self, value: Any, model_instance: Model | None) -> Any:
        """Validates, and hands back what the row holds: a clean row is not a changed one."""
        super().clean(value, model_instance)
        return value if model_instance is None else model_instance.__dict__.get(self.attname)

    def subject_of(self, instance: Model) -> UUID:
        """The person the row is about. Raises SubjectMissing."""
        path = subject_path(type(instance), self.declaration) or ""
        found: Any = instance
        for step in path.split("."):
            found = getattr(found, step, None)
        if not isinstance(found, UUID):
            raise SubjectMissing(f"{instance._meta.label}.{self.name}", path)
        return found

    def open_for(self, instance: Model, held: Sealed) -> Plaintext:
        """The value. Raises Erased, Frozen, Tampered."""
        warm_page_of(instance)
        opened = open_sealed(
            held.blob,
            field_id=self.declaration.id,
            row_id=str(instance.pk),
            subject=self.subject_of(instance),
            klass=self.declaration.klass,
        )
        return self.decoded(opened.decode())

    def pre_save(self, model_instance: Model, add: bool) -> Outgoing | None:
        held = model_instance.__dict__.get(self.attname)
        if isinstance(held, Pending):
            held = self._seal_for(model_instance, held.value)
            model_instance.__dict__[self.attname] = held
        elif isinstance(held, Sealed):
            self._prove_place(model_instance, held)
        return None if held is None else Outgoing(held.blob)

    def _seal_for(self, instance: Model, value: Plaintext) -> Sealed:
        text = self.encoded(value)
        blob = seal(
            text.encode(),
            field_id=self.declaration.id,
            row_id=str(instance.pk),
            subject=self.subject_of(instance),
            klass=self.declaration.klass,
        )
        for index in blind_indexes_of(type(instance), self.declaration.id):
            setattr(instance, index.attname, blind_index(self.declaration.id, text))
        return Sealed(blob)

    def _prove_place(self, instance: Model, held: Sealed) -> None:
        # Written back under another id or subject it would never open again, so it must open here first.
        try:
            self.open_for(instance, held)
        except Erased:
            return  # unreadable wherever it stands
        except (Tampered, SubjectMissing):
            raise SealedValueMoved(f"{instance._meta.label}.{self.name}") from None


class SealedText(SealedField[Set, Get]):
    """A text. ``max_length`` counts characters and is judged on assignment."""

    shape = Shape.TEXT
    _pyi_private_set_type: str
    _pyi_private_get_type: str

    def checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.name} takes a text.")
        if value == MASK:
            raise ValueError(f"{self.name} was given the mask that stands for its value.")
        if self.max_length is not None and len(value) > self.max_length:
            raise ValueError(f"{self.name} takes at most {self.max_length} characters.")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError(f"{self.name} was given half a character.")
        return value


class SealedPhone(SealedText[Set, Get]):
    """A phone number as E.164, ``+8613800138000``; spelling is settled before it comes here."""

    shape = Shape.PHONE

    def checked(self, value: Any) -> str:
        number = super().checked(value)
        if not _E164.match(number):
            raise ValueError(f"{self.name} takes a number as E.164.")
        return number


class SealedDate(SealedField[Set, Get]):
    """A calendar date, sealed as ISO 8601."""

    shape = Shape.DATE
    _pyi_private_set_type: date
    _pyi_private_get_type: date

    def checked(self, value: Any) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise TypeError(f"{self.name} takes a date.")
        return value

    def encoded(self, value: Plaintext) -> str:
        return cast(date, value).isoformat()

    def decoded(self, text: str) -> date:
        return date.fromisoformat(text)
