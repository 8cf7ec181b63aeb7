"""What became of a class, said with the names of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.models import Campus, Room, Teacher
from enrollment.enums import SessionState
from enrollment.models import ClassChange

_NAMED: Mapping[str, Any] = {"campus": Campus, "room": Room, "teacher": Teacher}


@dataclass(frozen=True)
class ChangeLine:
    """One change: when, by whom, why, and each thing that changed with what it was and became."""

    at: datetime
    by: str
    reason: str
    items: list[tuple[str, str, str]]


def what_changed(change: ClassChange) -> list[str]:
    """The things a change is about, without what they were."""
    return [label for name, label in _labels().items() if name in change.new]


def tell_changes(changes: Iterable[ClassChange]) -> list[ChangeLine]:
    """``changes`` in words; as many queries whatever their number. Who did them is read."""
    rows = list(changes)
    names = {kind: _names(kind, rows) for kind in _NAMED}
    return [
        ChangeLine(
            at=row.at,
            by=row.by.username if row.by and row.by.username else "",
            reason=row.get_reason_display(),
            items=[
                (label, _value(name, row.old[name], names), _value(name, row.new[name], names))
                for name, label in _labels().items()
                if name in row.new
            ],
        )
        for row in rows
    ]


def latest_changes(session_ids: Iterable[UUID]) -> dict[UUID, ChangeLine]:
    """The last thing that became of each of the classes; those nothing was changed of are left out."""
    rows = ClassChange.objects.filter(session__in=list(session_ids)).select_related("by").order_by("at", "pk")
    latest = {row.session_id: row for row in rows}
    return dict(zip(latest, tell_changes(latest.values()), strict=True))


def _names(kind: str, rows: list[ClassChange]) -> dict[str, str]:
    ids = {side[kind] for row in rows for side in (row.old, row.new) if side.get(kind)}
    found = _NAMED[kind].objects.in_bulk(ids) if ids else {}
    return {str(key): _name(one) for key, one in found.items()}


def _name(one: Any) -> str:
    return str(one.stage_name if isinstance(one, Teacher) else one.name)


def _value(name: str, value: str | None, names: Mapping[str, Mapping[str, str]]) -> str:
    if value is None:
        return _("没有定")
    if name in names:
        return names[name].get(value, _("已不在"))
    if name == "state":
        return str(SessionState(value).label)
    moment = parse_datetime(value)
    return date_format(timezone.localtime(moment), "n月j日 l H:i") if moment else value


def _labels() -> dict[str, str]:
    """What may change, by name, in the order it is told: the database keeps none."""
    return {
        "starts_at": _("上课"),
        "ends_at": _("下课"),
        "campus": _("校区"),
        "room": _("教室"),
        "teacher": _("老师"),
        "state": _("状态"),
    }
