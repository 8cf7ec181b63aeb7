"""What is found by a person's number alone: asked for while the number still opens, and dropped at once."""

from __future__ import annotations

from uuid import UUID

from django.db import router

from privacy.erasure.services.marking import DEFAULT
from privacy.inventory import registry
from privacy.inventory.remainders import remainder_of


def drop_reached_by_number(subject_id: UUID) -> int:
    """Delete codes sent to the number, messages with those codes and the like; how many rows.

    They stand under nobody's id, and whoever proves the number next must find none of them.
    """
    found = []
    for model in registry.models():
        reaches = registry.reaches_of(model)
        if not reaches or router.db_for_write(model) != DEFAULT or remainder_of(model._meta.label):
            continue
        keys: set[object] = set()
        for reach in reaches:
            keys |= set(model._base_manager.filter(reach(subject_id)).values_list("pk", flat=True))
        found.append((model, keys))
    return sum(model._base_manager.filter(pk__in=keys).delete()[0] for model, keys in found)
