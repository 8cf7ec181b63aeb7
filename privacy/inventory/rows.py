"""What a model with sealed fields derives from, and the querysets that fetch it."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import FieldError
from django.db.models import Manager, Model, QuerySet
from django.db.models.expressions import OrderBy

from privacy.inventory.holders import as_held
from privacy.inventory.pages import bind_page, blind_indexes_of, is_sealed
from privacy.keystore.blind_index import blind_indexes

Row = TypeVar("Row", bound=Model, covariant=True)  # noqa: PLC0105  reads as what it is


class SealedQuerySet(QuerySet[Row]):
    """Rows with sealed values: fetched with their keys in one query, found by blind index."""

    def find(self, **values: Any) -> Self:
        """Rows whose sealed fields hold these values, by blind index: ``find(phone="+8613800138000")``.

        Raises FieldError for a field without one, TypeError or ValueError for a value it could not hold.
        """
        conditions = {}
        for name, value in values.items():
            field: Any = self.model._meta.get_field(name)
            indexes = blind_indexes_of(self.model, field.declaration.id) if is_sealed(field) else []
            if not indexes:
                raise FieldError(f"{self.model._meta.label}.{name} has no blind index to find it by.")
            text = field.encoded(field.checked(value))
            conditions[f"{indexes[0].name}__in"] = blind_indexes(field.declaration.id, text)
        return self.filter(**conditions)

    def order_by(self, *field_names: Any) -> Self:
        for name in field_names:
            self._refuse_sealed_order(name)
        return super().order_by(*field_names)

    def _refuse_sealed_order(self, name: Any) -> None:
        if isinstance(name, OrderBy):
            name = name.expression
        asked = str(getattr(name, "name", name)).lstrip("-")
        field = {field.name: field for field in self.model._meta.concrete_fields}.get(asked)
        if field is not None and is_sealed(field):
            raise FieldError(
                f"{self.model._meta.label}.{field.name} is sealed: its order would mean nothing."
            )

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        if fresh:
            bind_page(self._result_cache or ())


class SealedManager(Manager[Row]):
    """The manager of a model with sealed fields."""

    _queryset_class: ClassVar[type[Any]] = SealedQuerySet

    def find(self, **values: Any) -> SealedQuerySet[Row]:
        """As SealedQuerySet.find."""
        everybody: SealedQuerySet[Row] = SealedQuerySet(self.model, using=self._db)
        return everybody.find(**values)


class SealedModel(Model):
    """A row with sealed values. Its key is a UUID made in Python, since a value is sealed for a known row."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """As Django's; a sealed field takes its blind index along."""
        if update_fields is not None:
            update_fields = self._with_indexes(set(update_fields))
        super().save(*args, update_fields=update_fields, **kwargs)

    def seal(self) -> None:
        """Seal what was assigned, ahead of `save`, within which an error costs the transaction.

        Raises Erased, Frozen.
        """
        for field in filter(is_sealed, self._meta.concrete_fields):
            field.pre_save(self, add=True)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: QuerySet[Any] | None = None,
    ) -> None:
        """As Django's; sealed values are taken over as they are, so an erased row refreshes too."""
        with as_held():
            super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    def _with_indexes(self, names: set[str]) -> set[str]:
        named = [field for field in self._meta.concrete_fields if field.name in names and is_sealed(field)]
        ids = [field.declaration.id for field in named]  # type: ignore[attr-defined]  # our own attribute
        return names | {index.name for field_id in ids for index in blind_indexes_of(type(self), field_id)}
