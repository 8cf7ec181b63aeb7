"""How the columns of erasures that people read as one line are declared."""

from typing import Any, TypeVar

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.inventory.fields import Erase, personal
from privacy.inventory.telling import Telling

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def of_erasure(
    field: AnyField,
    name: str,
    label: str | Promise,
    category: str = "system.operations",
    *,
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    """How an erasure went. What names somebody is replaced once they are gone."""
    return personal(
        field,
        f"erasure.{name}",
        category,
        title=_("删除的记录（为什么、何时、做了哪几步、删了多少、还留什么、凭证）"),
        label=label,
        told=told,
        export=not withheld,
        withheld=withheld,
        grade=2,
        why="rights",
        keep="request",
        erase=Erase.KEEP,
    )
