"""Values as people read them: labels for choices, Shanghai's time for moments, names for what is related."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.inventory.enums import Shape
from privacy.inventory.masking import masked_value
from privacy.inventory.telling import Reader
from privacy.keystore.services import Erased
from privacy.rights.services.holdings.areas import AreaField
from privacy.rights.services.holdings.finding import names_a_row

_OF_CHINA = "+86"
# The first that fits: a flag is a number too, and a moment is a date.
_SAID: dict[type, Callable[[Any], str]] = {
    bool: lambda flag: _("是") if flag else _("否"),
    datetime: lambda moment: f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}",
    date: lambda day: f"{day:%Y-%m-%d}",
}


def as_read(given: AreaField, row: Model, reader: Reader) -> str:
    """What a field of a row says, to its person; nothing for what is not filled in."""
    try:
        value = _value(given, row)
    except Erased:
        return _("（密钥已经销毁，读不出来了）")
    if given.declaration.told is not None:
        return "" if value is None else str(given.declaration.told(value, row, reader))
    return put(given, value)


def as_masked(given: AreaField, row: Model, reader: Reader) -> str:
    """The same, through the mask of the field's grade: what shows nothing is not opened either."""
    if given.declaration.sealed:
        return masked_value(row, given.field.name)
    return as_read(given, row, reader)


def put(given: AreaField, value: Any) -> str:
    """A value in words."""
    field: Any = given.field
    if value is None or value == "":
        return ""
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if field.many_to_many:
        return "、".join(str(each) for each in value.all())
    if given.declaration.shape == Shape.PHONE:
        return str(value).removeprefix(_OF_CHINA)
    return next((say(value) for kind, say in _SAID.items() if isinstance(value, kind)), str(value))


def _value(given: AreaField, row: Model) -> Any:
    field: Any = given.field
    of_a_person = field.is_relation and not field.many_to_many and not names_a_row(field)
    return getattr(row, field.attname if of_a_person else field.name)
