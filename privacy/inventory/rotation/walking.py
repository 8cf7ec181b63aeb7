"""Going through every row of a model, a locked batch at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import Model

from privacy.inventory.declarations import Personal
from privacy.inventory.holders import as_held
from privacy.inventory.pages import sealed_fields_of
from privacy.inventory.registry import AnyField, app_rights, models, subject_path
from privacy.inventory.rows import SealedQuerySet
from privacy.keystore.services import key_scope

_BATCH = 200


def sealed_models() -> list[type[Model]]:
    """The models with sealed fields, in the order of their names."""
    own = [model for model in models() if not model._meta.proxy and sealed_fields_of(model)]
    return sorted(own, key=lambda model: model._meta.label_lower)


def writable(model: type[Model]) -> bool:
    """Whether we may change rows of a model at all."""
    return any(right.startswith("UPDATE") for right in app_rights(model))


def rows_of(model: type[Model]) -> SealedQuerySet[Any]:
    """Every row, with what leads to whose it is."""
    paths = {_relations(model, field) for field in sealed_fields_of(model)} - {""}
    return SealedQuerySet(model, using=router.db_for_write(model)).select_related(*sorted(paths))


@contextmanager
def next_batch(model: type[Model], after: str) -> Iterator[list[Any]]:
    """The rows behind the one with the key ``after``, locked until the block ends and its changes stand.

    Their keys are remembered for the batch alone.
    """
    with key_scope(), transaction.atomic(using=router.db_for_write(model)), as_held():
        found = rows_of(model).order_by("pk")
        found = found.filter(pk__gt=UUID(after)) if after else found
        yield list(found.select_for_update(no_key=True, of=("self",))[:_BATCH])


def _relations(model: type[Model], field: AnyField) -> str:
    declaration: Personal = field.declaration  # type: ignore[attr-defined]  # our own attribute
    *relations, _ = (subject_path(model, declaration) or "").split(".")
    return "__".join(relations)
