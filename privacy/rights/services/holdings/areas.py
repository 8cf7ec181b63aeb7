"""The tables that hold something about a person, and what of them a person is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.db import router
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from privacy.inventory import registry
from privacy.inventory.declarations import Personal
from privacy.inventory.registry import AnyField


@dataclass(frozen=True, slots=True)
class AreaField:
    """A field as its person is told of it. ``id`` is the declared one, which never changes."""

    id: str
    title: str | Promise
    why: str
    field: AnyField
    declaration: Personal


@dataclass(frozen=True, slots=True)
class Area:
    """One table, or the staff's part of it. ``name`` stays; ``title`` is what people read."""

    name: str
    title: str | Promise
    model: type[Model]
    fields: Sequence[AreaField]
    of_staff: bool
    database: str

    @property
    def purposes(self) -> list[str]:
        """What the rows are held for, as people read it."""
        return list(dict.fromkeys(registry.purposes[field.why].title for field in self.fields))


@dataclass(frozen=True, slots=True)
class Excluded:
    """A field that nobody is given, and the reason."""

    id: str
    area: str | Promise
    title: str | Promise
    reason: str | Promise


@cache
def areas(*, of_child: bool = False) -> tuple[Area, ...]:
    """Every table with something a person is given, in the order in which people read.

    ``of_child``: those with rows about a child, as its guardian asks for them.
    """
    found = [
        area
        for model in registry.models()
        if not model._meta.auto_created and not model._meta.proxy
        for area in _areas_of(model)
    ]
    if of_child:
        found = [area for area in found if not area.of_staff and registry.ward_path(area.model)]
    else:
        found = [area for area in found if not registry.about_a_child(area.model)]
    return tuple(sorted(found, key=_place))


def area_named(name: str, *, of_child: bool = False) -> Area:
    """The area of that name. Raises KeyError."""
    return {area.name: area for area in areas(of_child=of_child)}[name]


@cache
def excluded() -> tuple[Excluded, ...]:
    """Every personal field that is not given, with the reason its declaration states."""
    return tuple(
        Excluded(declaration.id, _title(field.model), declaration.name, declaration.withheld)
        for field, declaration in sorted(
            registry.inventory(), key=lambda pair: (_purpose_place(pair[1]), pair[0].model._meta.label)
        )
        if not declaration.export
    )


def _areas_of(model: type[Model]) -> list[Area]:
    """A table that holds something of a guardian's and something of the staff's is two areas."""
    given = [
        AreaField(declaration.id, declaration.name, declaration.why, field, declaration)
        for field, declaration in sorted(
            registry.personal_fields(model), key=lambda pair: not _is_key(pair[0])
        )
        if declaration.export and not _leads_nowhere(model)
    ]
    made = []
    for of_staff in (False, True):
        fields = tuple(f for f in given if registry.purposes[f.why].of_staff is of_staff)
        if fields:
            made.append(_area(model, fields, of_staff))
    return made


def _area(model: type[Model], fields: tuple[AreaField, ...], of_staff: bool) -> Area:
    name = model._meta.label_lower
    return Area(
        name=f"{name}.staff" if of_staff else name,
        title=format_lazy(_("{}（工作人员）"), _title(model)) if of_staff else _title(model),
        model=model,
        fields=fields,
        of_staff=of_staff,
        database=router.db_for_read(model),
    )


def _title(model: type[Model]) -> str | Promise:
    stated: str | Promise | None = getattr(getattr(model, "Privacy", None), "title", None)
    return stated or model._meta.verbose_name or model._meta.label


def _is_key(field: AnyField) -> bool:
    return bool(getattr(field, "primary_key", False))


def _leads_nowhere(model: type[Model]) -> bool:
    return registry.subject_path(model) is None


def _purpose_place(declaration: Personal) -> int:
    return registry.purposes[declaration.why].place


def _place(area: Area) -> tuple[bool, int, int]:
    """As people live it: the account, the children, what was booked, what was written, what was asked."""
    stated: int | None = getattr(getattr(area.model, "Privacy", None), "place", None)
    first = stated or min(registry.purposes[field.why].place for field in area.fields)
    order = [model._meta.label for model in registry.models()]
    return area.of_staff, first, order.index(area.model._meta.label)
