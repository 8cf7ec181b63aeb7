"""What stood in a child's fields before they were put right, kept in the vault beside the child."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from privacy.minors.models import Child, ChildCorrection


def put_right(child: Child, said: Mapping[str, str | date], by: UUID) -> list[str]:
    """Write the fields of a held child that differ, with before and after; the declared ids of those."""
    changed = []
    for name, after in said.items():
        before = getattr(child, name)
        if before == after:
            continue
        field = f"child.{name}"
        ChildCorrection.objects.create(
            child=child, field=field, before=_told(before), after=_told(after), by_id=by
        )
        setattr(child, name, after)
        changed.append(field)
    if changed:
        child.save(update_fields=[field.removeprefix("child.") for field in changed])
    return changed


def _told(value: str | date) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else value
