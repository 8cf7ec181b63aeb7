"""The committed list of every id ever used, with what was declared under it. An id is never used again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from privacy.inventory import registry
from privacy.inventory.declarations import Personal

LOCK = Path(__file__).parent / "inventory.lock"
_RETIRED = "retired"

Entries = dict[str, dict[str, Any]]


def read() -> Entries:
    """What is committed, by id."""
    entries: Entries = json.loads(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    return entries


def current() -> Entries:
    """What the code declares, by id."""
    return {declaration.id: _entry(declaration) for _, declaration in registry.inventory()}


def differences() -> Iterator[str]:
    """Sentences on what the committed list does not say, or says otherwise."""
    committed, declared = read(), current()
    for field_id, entry in sorted(declared.items()):
        locked = committed.get(field_id)
        if locked is None:
            yield f"The id {field_id!r} is not in inventory.lock."
        elif locked.get(_RETIRED):
            yield f"The id {field_id!r} was used before, for something else. Take a new one."
        else:
            for name in sorted(entry):
                if entry[name] != locked.get(name):
                    yield f"The {name} of {field_id!r} was {locked.get(name)!r} and is {entry[name]!r} now."
    for field_id in sorted(committed.keys() - declared.keys()):
        if not committed[field_id].get(_RETIRED):
            yield f"The id {field_id!r} is in inventory.lock and declared nowhere."


def write() -> None:
    """Commit to what the code declares. Ids that are gone stay, retired; a retired id does not come back."""
    committed = read()
    retired = {
        field_id: {**entry, _RETIRED: True}
        for field_id, entry in committed.items()
        if entry.get(_RETIRED) or field_id not in current()
    }
    entries = {**current(), **retired}
    LOCK.write_text(
        json.dumps(dict(sorted(entries.items())), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def _entry(declaration: Personal) -> dict[str, Any]:
    return {
        "category": declaration.category,
        "why": declaration.why,
        "keep": declaration.keep,
        "grade": int(declaration.grade),
        "sealed": declaration.sealed,
        "class": str(declaration.klass),
    }
