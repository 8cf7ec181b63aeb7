"""Rows made from the declarations: what a field holds follows from its kind, a new field's too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from kit.uuid7 import uuid7
from messaging.telling import as_recipient
from privacy.inventory import registry, telling
from privacy.inventory.pages import is_sealed

_PEOPLE = (telling.as_guardian, telling.as_person, telling.as_doer, as_recipient)
_LONGEST = 60  # characters of a text that could be longer


@dataclass(kw_only=True)
class Member:
    """One guardian of the family, and the mark that stands in every text of theirs. Prints without them."""

    id: UUID
    phone: str = field(repr=False)
    mark: str = field(repr=False)
    wards: list[UUID] = field(default_factory=list)


def saved(model: type[models.Model], member: Member, /, **given: Any) -> Any:
    """A new row of ``model``, with whatever ``given`` does not say made from kind and declaration."""
    row = model(**{**_made(model, member, given), **given})
    row.save(force_insert=True)
    return row


def _made(model: type[models.Model], member: Member, given: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in model._meta.concrete_fields:
        if column.name in given or column.attname in given or column.primary_key:
            continue
        if (value := _value(column, member)) is not None:
            made[column.attname] = value
    return made


def _value(column: Any, member: Member) -> Any:
    declaration = registry.declaration_of(column)
    told = getattr(declaration, "told", None)
    if told in _PEOPLE:
        return member.id
    if told is telling.as_child:
        return member.wards[0]
    if column.is_relation or getattr(column, "of", None) or declaration is None:
        return None
    if column.flatchoices:
        return column.flatchoices[0][0]
    shape = str(column.declaration.shape) if is_sealed(column) else column.get_internal_type()
    return _of_kind(shape, column, member)


def _of_kind(shape: str, column: Any, member: Member) -> Any:
    text = f"{member.mark}{column.name}"[: min(column.max_length or _LONGEST, _LONGEST)]
    made: dict[str, Any] = {
        "text": text,
        "CharField": text,
        "TextField": text,
        "phone": member.phone,
        "date": date(2021, 5, 1),
        "BooleanField": True,
        "DateTimeField": timezone.now(),
        "DateField": timezone.localdate(),
        "PositiveSmallIntegerField": 2,
        "PositiveIntegerField": 3,
        "PositiveBigIntegerField": 4,
        "UUIDField": uuid7(),
        "JSONField": {"count": 1},
    }
    return made.get(shape)


def words(member: Member) -> str:
    """Parameters of a message, with the mark in them."""
    return json.dumps({"city": f"{member.mark}城", "reference": "12345"}, ensure_ascii=False)
