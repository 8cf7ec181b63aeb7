"""Rows fetched together learn their keys together: the first value opened asks for those of the page."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model

from privacy.inventory.declarations import Personal
from privacy.inventory.holders import Sealed
from privacy.inventory.registry import AnyField, subject_path
from privacy.keystore.scope import Scope, current_scope
from privacy.keystore.services import prefetch_keys

if TYPE_CHECKING:
    from privacy.inventory.indexes import BlindIndex

_ATTRIBUTE = "sealed_page"  # on a row's _state, where Django keeps what belongs to a row and is no field


class Page:
    """Whose keys the rows of one query need. Asked for once per key scope, and only if a value is opened."""

    __slots__ = ("pairs", "warmed_in")

    def __init__(self, pairs: frozenset[tuple[UUID, str]] = frozenset()) -> None:
        self.pairs = pairs
        self.warmed_in: Scope | None = None

    def __reduce__(self) -> tuple[type["Page"], tuple[()]]:
        return Page, ()  # a cached row takes nobody else's id with it

    def warm(self) -> None:
        scope = current_scope()
        if scope is not None and self.warmed_in is not scope:
            prefetch_keys(self.pairs)
            self.warmed_in = scope


@cache
def sealed_fields_of(model: type[Model]) -> tuple[AnyField, ...]:
    """The sealed fields of a model, inherited ones included."""
    return tuple(field for field in model._meta.concrete_fields if is_sealed(field))


def is_sealed(field: Any) -> bool:
    """Whether a field is stored sealed."""
    declaration = getattr(field, "declaration", None)
    return isinstance(declaration, Personal) and declaration.sealed


def blind_indexes_of(model: type[Model], field_id: str) -> list["BlindIndex[Any, Any]"]:
    """The fields of a model that index the sealed field with this id."""
    fields: tuple[Any, ...] = model._meta.concrete_fields
    return [field for field in fields if getattr(field, "of", None) == field_id]


def bind_page(rows: Iterable[object]) -> None:
    """Let rows fetched together, and the rows fetched along with them, ask for their keys in one query."""
    people = [row for fetched in rows for row in _with_related(fetched) if sealed_fields_of(type(row))]
    if not people:
        return
    page = Page(frozenset(pair for row in people for pair in _pairs_of(row)))
    for row in people:
        setattr(row._state, _ATTRIBUTE, page)


def warm_page_of(instance: Model) -> None:
    """Fetch the keys of the page a row came with."""
    page: Page | None = getattr(instance._state, _ATTRIBUTE, None)
    if page is not None:
        page.warm()


def _with_related(row: object, back: object = None) -> Iterator[Model]:
    """A row and those fetched along with it; not ``back``, which a one-to-one relation leads to again."""
    if not isinstance(row, Model):  # values() and its kind
        return
    yield row
    for related in row._state.fields_cache.values():
        if isinstance(related, Model) and related is not back:
            yield from _with_related(related, row)


def _pairs_of(row: Model) -> Iterator[tuple[UUID, str]]:
    for field in sealed_fields_of(type(row)):
        if isinstance(row.__dict__.get(field.attname), Sealed):
            declaration: Personal = field.declaration  # type: ignore[attr-defined]  # our own attribute
            subject = _loaded(row, subject_path(type(row), declaration) or "")
            if subject is not None:
                yield subject, declaration.klass


def _loaded(row: Model, path: str) -> UUID | None:
    """The subject id at the end of ``path`` if it is in memory: a page asks the database for nothing else."""
    *relations, last = path.split(".")
    found: Any = row
    for relation in relations:
        found = found._state.fields_cache.get(relation)
        if not isinstance(found, Model):
            return None
    value = found.pk if last == "pk" else found.__dict__.get(last)
    return value if isinstance(value, UUID) else None
