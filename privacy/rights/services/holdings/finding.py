"""The rows of a table that are about a person, by whichever path they lead there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet, TextField

from privacy.inventory import registry
from privacy.inventory.registry import lookup
from privacy.rights.services.holdings.areas import Area


def rows_about(area: Area, subject: UUID, ward: UUID | None = None) -> QuerySet[Model]:
    """Those about ``subject``, or about the child ``ward`` of theirs, the oldest first, with what they name.

    What another guardian did for the child is that guardian's: of tables that lead to a guardian only the
    reader's own rows are given. What may not be told of is not.
    """
    model = area.model
    about = _about_child(model, subject, ward) if ward else _about(model, subject)
    if area.of_staff:
        about &= _filled(area)
    found = model._default_manager.filter(about).exclude(registry.untold_in(model))
    named = [given.field for given in area.fields if names_a_row(given.field)]
    beside: tuple[str, ...] = getattr(getattr(model, "Privacy", None), "beside", ())
    relations = [field.name for field in named] + [lookup(path) for path in beside]
    if relations:
        found = found.select_related(*relations).defer(*_long_texts(named))
    return found.order_by("pk")


def _about(model: type[Model], subject: UUID) -> Q:
    path = registry.subject_path(model)
    condition = Q(**{lookup(path): subject}) if path else Q(pk__in=[])
    for reach in registry.reaches_of(model):
        condition |= reach(subject)
    return condition


def _about_child(model: type[Model], subject: UUID, ward: UUID) -> Q:
    path, to_child = registry.subject_path(model), registry.ward_path(model)
    condition = Q(**{lookup(to_child or "pk"): ward})
    if path != to_child:
        condition &= _about(model, subject)
    return condition


def _filled(area: Area) -> Q:
    """Where a table holds guardians too, the rows of those who work here."""
    condition = Q()
    for given in area.fields:
        if given.field.concrete and not given.field.many_to_many:
            kind = given.field.get_internal_type()
            condition |= (
                Q(**{given.field.name: True})
                if kind == "BooleanField"
                else Q(**{f"{given.field.name}__isnull": False})
            )
    return condition


def names_a_row(field: Any) -> bool:
    """Whether the field leads to a row that is told by its name; people are told of by their id."""
    return bool(field.is_relation and not field.many_to_many and field.related_model is not get_user_model())


def _long_texts(fields: list[Any]) -> list[str]:
    """Of the rows that are named alone: what no name is made of."""
    return [
        f"{field.name}__{text.name}"
        for field in fields
        for text in field.related_model._meta.concrete_fields
        if isinstance(text, TextField)
    ]
