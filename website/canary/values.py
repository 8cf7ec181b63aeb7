"""What is looked for once the canary is gone: whatever was theirs alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from kit.needles import Value
from privacy.inventory import registry
from privacy.inventory.enums import Shape
from privacy.keystore.services import SealError
from privacy.keystore.streams import SealingStream, open_stream
from website.canary.coverage import rows_of, tables
from website.canary.family import Family

# Names that are drawn by lot for one row.
_DRAWN = {"public_id", "reference", "token_hash", "matter", "challenge", "session_key", "idempotency_key"}
_STAYS = {"rights", "retention", "erasure"}  # apps whose rows the law keeps under an alias, names and all
_LEAST = 8  # characters; what is shorter is no name of one row alone

# Under which key the values of the last canary wait for the next search; nobody's id.
_KEEPER, _KLASS = UUID("01930000-0000-7000-8000-00000000cafe"), "account"


def values_of(family: Family) -> list[Value]:
    """Numbers, marks, ids of people, names drawn for their rows, blind indexes: each once."""
    subjects = {person for member in family.members for person in (member.id, *member.wards)}
    found: dict[Value, None] = dict.fromkeys(subjects)
    for member in family.members:
        found[member.phone] = found[member.mark] = found[member.mark[3:]] = None
    for model in tables():
        if model._meta.app_label not in _STAYS:
            for row in rows_of(model, subjects):
                found.update(dict.fromkeys(_drawn(row)))
    return list(found)


def keep(values: Sequence[Value]) -> None:
    """Seal them for the next search, which looks for the last canary again."""
    text = json.dumps([_as_text(value) for value in values])
    draft = _file().with_suffix(".new")
    with draft.open("wb") as file:
        stream = SealingStream(file, name="canary", subject=_KEEPER, klass=_KLASS)
        stream.write(text.encode())
        stream.finish()
    draft.replace(_file())


def last_values() -> list[Value]:
    """The last canary's; none where there was none yet, or the key store is another one since."""
    try:
        with _file().open("rb") as file:
            text = b"".join(open_stream(file, name="canary", subject=_KEEPER, klass=_KLASS))
    except (FileNotFoundError, SealError):
        return []
    return [_from_text(kind, said) for kind, said in json.loads(text)]


def _drawn(row: Any) -> Iterator[str]:
    for column, declared in registry.personal_fields(type(row)):
        if declared.shape == Shape.INDEX or column.name in _DRAWN:
            value = getattr(row, column.attname)
            if isinstance(value, str) and len(value) >= _LEAST:
                yield value
    for name in _DRAWN:  # plain ones too: a random name says nothing, and must go all the same
        value = getattr(row, name, None)
        if isinstance(value, str) and len(value) >= _LEAST:
            yield value


def _as_text(value: Value) -> tuple[str, str]:
    if isinstance(value, bytes):
        return "bytes", value.hex()
    return ("id", str(value)) if isinstance(value, UUID) else ("text", value)


def _from_text(kind: str, said: str) -> Value:
    if kind == "bytes":
        return bytes.fromhex(said)
    return UUID(said) if kind == "id" else said


def _file() -> Path:
    return Path(settings.LEAP_HOME) / "run" / "last-canary"
