"""The column of a sealed value: only its own field writes it, nothing filters by it or copies it."""

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from django.core.exceptions import FieldError
from django.db.models import Field, Model
from django.db.models.constants import OnConflict
from django.db.models.lookups import IsNull

from privacy.inventory.holders import MASK, Outgoing, Sealed
from privacy.keystore.envelope import OVERHEAD, VERSION

Set = TypeVar("Set")
Get = TypeVar("Get")

if TYPE_CHECKING:

    class _Field(Field[Set, Get]): ...

else:

    class _Field(Field, Generic[Set, Get]):
        """Django's fields take type arguments in their stubs only."""


class SealedColumn(_Field[Set, Get]):
    """Bytes with a CHECK that they look sealed. Migrations know no more of a sealed field than this."""

    empty_strings_allowed = False  # a value never given is NULL, not a sealed empty text

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_check(self, connection: Any) -> str:
        """A plain value written past us by SQL is refused by the database itself."""
        column = connection.ops.quote_name(self.column)
        return f"octet_length({column}) >= {OVERHEAD} AND get_byte({column}, 0) = {VERSION}"

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _, _, kwargs = super().deconstruct()
        of_the_column: dict[str, Any] = {k: v for k, v in kwargs.items() if k in {"null", "db_column"}}
        return name, "privacy.inventory.fields.SealedColumn", [], of_the_column

    def clone(self) -> "SealedColumn[Any, Any]":
        return SealedColumn(**self.deconstruct()[3])

    # Reading

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def value_from_object(self, obj: Model) -> str | None:  # type: ignore[override]  # never the value itself
        """Forms, dumps and serializers read here, and see the mask."""
        return None if obj.__dict__.get(self.attname) is None else MASK

    def value_to_string(self, obj: Model) -> str:
        return self.value_from_object(obj) or ""

    # Writing

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Outgoing):
            self.refuse_write()
        return connection.Database.Binary(value.blob)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        query = compiler.query
        if getattr(query, "on_conflict", None) == OnConflict.UPDATE and self in query.update_fields:
            # The row that stays has another id than the one the value was sealed for.
            self.refuse_write()
        return "%s"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> None:
        if value is not None:
            self.refuse_question()

    # Asking

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            self.refuse_question()
        return IsNull

    def get_transform(self, lookup_name: str) -> NoReturn:
        self.refuse_question()

    def refuse_write(self) -> NoReturn:
        raise FieldError(
            f"{self.model._meta.label}.{self.name} is sealed for one row: assign it on an instance and save "
            "that. update(), bulk_update(), F(), Case() and upserts cannot seal, and would destroy the value."
        )

    def refuse_question(self) -> NoReturn:
        raise FieldError(
            f"{self.model._meta.label}.{self.name} is sealed: the database cannot compare or sort it. "
            f"Use .find({self.name}=…), which asks its blind index, or isnull."
        )
