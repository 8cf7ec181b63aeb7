"""How a value is shown to who has not asked to see it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise

from privacy.inventory.declarations import Personal
from privacy.inventory.enums import Mask, Shape
from privacy.inventory.grades import GRADES
from privacy.inventory.holders import MASK
from privacy.inventory.pages import is_sealed
from privacy.keystore.services import Erased, Frozen

_HEAD, _TAIL = 3, 4  # digits of a number: its carrier, and what its owner knows it by


def mask(value: object, declaration: Personal) -> str:
    """``value`` as far as its grade lets it be seen: 138****8000, 王**, 2019-**-**, or nothing of it."""
    rule = GRADES[declaration.grade]
    if value is None:
        return ""
    if rule.mask == Mask.NONE:
        return str(value)
    if rule.mask == Mask.FULL or declaration.shape == Shape.INDEX:
        return MASK
    if isinstance(value, date):
        return f"{value.year}-**-**"
    text = str(value)
    if declaration.shape == Shape.PHONE:
        national = text.removeprefix("+86")
        return f"{national[:_HEAD]}****{national[-_TAIL:]}"
    return f"{text[:1]}**"


def masked(field_name: str, title: str | Promise = "") -> Callable[[Model], str]:
    """A column for the admin, ``list_display = [masked("phone")]``: a sealed field through its mask."""

    def shown(row: Model) -> str:
        return masked_value(row, field_name)

    shown.__name__ = f"masked_{field_name}"
    shown.short_description = title or field_name  # type: ignore[attr-defined]  # the admin reads it
    return shown


def masked_value(row: Model, field_name: str) -> str:
    """A field of a row through its mask; the mask alone when its key is gone or frozen."""
    field: Any = row._meta.get_field(field_name)
    if not is_sealed(field):
        raise ValueError(f"{row._meta.label}.{field_name} is not sealed.")
    if GRADES[field.declaration.grade].mask == Mask.FULL:
        return MASK  # not even opened
    try:
        return mask(getattr(row, field_name), field.declaration)
    except (Erased, Frozen):
        return MASK
