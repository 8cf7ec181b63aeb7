"""Whether the canary has a row in every table about guardians and children, asked of the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from privacy.inventory import registry

# What an erasure itself writes down, and what only its end does.
_OF_ERASURE = "erasure"


def tables() -> Iterator[type[models.Model]]:
    """Every table with something about guardians or children in it."""
    for model in registry.models():
        if model._meta.auto_created or model._meta.proxy or registry.subject_path(model) is None:
            continue
        fields = registry.personal_fields(model)
        if any(not registry.purposes[declared.why].of_staff for _, declared in fields):
            yield model


def uncovered(people: Iterable[UUID]) -> list[str]:
    """Tables in which nobody of the family has a row. What an erasure writes down comes with the erasure."""
    subjects = set(people)
    return sorted(
        model._meta.label
        for model in tables()
        if model._meta.app_label != _OF_ERASURE and not rows_of(model, subjects).exists()
    )


def covered() -> list[str]:
    """The tables a family has rows in, once none is uncovered."""
    return sorted(model._meta.label for model in tables())


def rows_of(model: type[models.Model], subjects: set[UUID]) -> models.QuerySet[Any]:
    """The family's rows, by every way that leads to them."""
    path = registry.lookup(str(registry.subject_path(model)))
    found = Q(**{f"{path}__in": subjects})
    for subject in subjects:
        for reach in registry.reaches_of(model):
            found |= reach(subject)
    return model._default_manager.filter(found)
