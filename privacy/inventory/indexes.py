"""The column that finds a sealed value: its blind index, kept in step by the field itself."""

from typing import TYPE_CHECKING, Any, Generic

from django.db.models import CharField, Model
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from privacy.inventory.columns import Get, Set
from privacy.inventory.declarations import Personal
from privacy.inventory.enums import Erase, Shape
from privacy.inventory.holders import Pending
from privacy.inventory.registry import AnyField
from privacy.keystore.blind_index import INDEX_LENGTH, blind_index

if TYPE_CHECKING:

    class _CharField(CharField[Set, Get]): ...

else:

    class _CharField(CharField, Generic[Set, Get]):
        """Django's fields take type arguments in their stubs only."""


class BlindIndex(_CharField[Set, Get]):
    """The blind index of the sealed field with the id ``of`` on the same model; NULL where that is NULL.

    ``lasting``: whether a rotation of the key has to make it anew; False where rows live for days at most.
    Personal data too: it takes category, purpose and time limit from its field, and goes when the value goes.
    """

    _pyi_private_set_type: str | None  # type: ignore[assignment]  # narrower than what CharField takes
    _pyi_private_get_type: str | None  # type: ignore[assignment]  # always nullable: erasure empties it

    def __init__(
        self,
        of: str,
        *,
        unique: bool = False,
        db_index: bool = False,
        db_column: str | None = None,
        lasting: bool = True,
    ) -> None:
        self.of = of
        self.lasting = lasting
        super().__init__(
            max_length=INDEX_LENGTH,
            null=True,
            editable=False,
            unique=unique,
            db_index=db_index,
            db_column=db_column,
        )

    @property
    def source(self) -> AnyField | None:
        """The sealed field it indexes; None where the model has none of that id."""
        fields = (field for field in self.model._meta.concrete_fields if field is not self)
        return next(
            (f for f in fields if getattr(getattr(f, "declaration", None), "id", "") == self.of), None
        )

    @property
    def declaration(self) -> Personal | None:
        """Follows from the field's."""
        source = self.source
        if source is None:
            return None
        field: Personal = source.declaration  # type: ignore[attr-defined]  # our own attribute
        return Personal(
            id=f"{self.of}.index",
            category=field.category,
            grade=field.grade,
            why=field.why,
            keep=field.keep,
            erase=Erase.NULL,
            export=False,
            sensitive=field.sensitive,
            title=format_lazy("{}（检索用的密钥摘要）", field.title),
            shape=Shape.INDEX,
            subject=field.subject,
            klass=field.klass,
            unsealed_because="a keyed digest, by which a sealed value is found",
            necessity=field.necessity,
            withheld=_("由号码算出的密钥摘要，只用来查找；号码本身已经给您"),
        )

    def pre_save(self, model_instance: Model, add: bool) -> str | None:
        source = self.source
        if source is not None and source.attname in model_instance.__dict__:
            held = model_instance.__dict__[source.attname]
            if held is None:
                setattr(model_instance, self.attname, None)
            elif isinstance(held, Pending):
                text = source.encoded(held.value)  # type: ignore[attr-defined]  # our own attribute
                setattr(model_instance, self.attname, blind_index(self.of, text))
        value: str | None = super().pre_save(model_instance, add)
        return value

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, _, kwargs = super().deconstruct()
        of_the_column = {key: kwargs[key] for key in kwargs if key not in {"editable"}}
        return name, "django.db.models.CharField", [], of_the_column

    def clone(self) -> "CharField[Any, Any]":  # type: ignore[override]  # what migrations know of it
        return CharField(**self.deconstruct()[3])
