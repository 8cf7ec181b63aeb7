"""The erasure ledger: a file beside the keys that outlives every database, and revives nobody.

One line a burial, chained by digest: a number, when, a keyed digest of whose, which class of keys (`*` all,
`-` none), whose rows go, and for people the alias of their remainders. No line leads to anybody; whoever
holds a subject id can ask whether it is in there. It is written and safe on disk before a key is destroyed,
so a database restored from before lacks an entry, says so, and serves nobody until it is carried out again.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from privacy.keystore.encoding import joined
from privacy.keystore.exceptions import Tampered

WHOLE = "*"
NO_KEYS = "-"  # of somebody some of whose keys a hold keeps: the others have entries of their own
_START = "0" * 64
_LONGEST = 512  # bytes a line may have
_TAIL = 4096  # bytes; the last line is found within


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One burial. ``scope``: `key` for keys alone, `child` or `person` where rows go everywhere."""

    n: int
    at: datetime
    who: str
    klass: str
    scope: str
    alias: UUID | None = None


def digest_of(subject: UUID) -> str:
    """The name of a subject in the ledger: keyed, so that the file alone says nothing; 64 hex characters."""
    return keyed("erasure ledger", str(subject))


def keyed(purpose: str, value: str) -> str:
    """HMAC-SHA256 under ``settings.LEDGER_KEY``, which is never rotated; 64 hex characters."""
    message = joined((purpose.encode(), value.encode()))
    return hmac.new(settings.LEDGER_KEY, message, hashlib.sha256).hexdigest()


def bury(subject: UUID, *, klass: str = WHOLE, scope: str = "key", alias: UUID | None = None) -> Entry:
    """Append an entry, safe on disk when this returns. Twice is two entries, and does no harm."""
    with _alone() as file:
        last = _last(file)
        entry = Entry(
            n=(last["n"] if last else 0) + 1,
            at=timezone.now(),
            who=digest_of(subject),
            klass=klass,
            scope=scope,
            alias=alias,
        )
        line = _line(entry, last["hash"] if last else _START)
        os.lseek(file, 0, os.SEEK_END)
        os.write(file, line.encode())
        os.fsync(file)
    return entry


def entries(after: int = 0) -> Iterator[Entry]:
    """The entries behind ``after``, in order. Raises Tampered where the chain is broken."""
    if not path().exists():
        return
    before = _START
    with path().open(encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            if _sealed({**told, "prev": before}) != line:
                raise Tampered("the erasure ledger was changed")
            before = told["hash"]
            if told["n"] > after:
                yield _entry(told)


def newest(count: int) -> list[Entry]:
    """The last entries, ``count`` of them at most, in order: a quick look, which proves no chain."""
    if not path().exists():
        return []
    with path().open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - count * _LONGEST))
        lines = file.read().split(b"\n")[:-1]  # what follows the last line's end is nothing, or being written
    whole = lines if size <= count * _LONGEST else lines[1:]
    return [_entry(json.loads(line)) for line in whole[-count:]]


def head() -> int:
    """The number of the last entry; 0 before the first."""
    if not path().exists():
        return 0
    with _alone() as file:
        last = _last(file)
    return int(last["n"]) if last else 0


def path() -> Path:
    """Where it stands: beside the keys, and in no database's backup."""
    return Path(settings.ERASURE_LEDGER)


@contextmanager
def _alone() -> Iterator[int]:
    """The file, for one process at a time. The first time it is made, and its name is safe on disk too."""
    folder = path().parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path().exists()
    file = os.open(path(), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            _sync(folder)
        yield file
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _last(file: int) -> dict[str, Any] | None:
    """The last whole line. One cut short by a crash was never answered for, and is cut off."""
    size = os.lseek(file, 0, os.SEEK_END)
    os.lseek(file, max(0, size - _TAIL), os.SEEK_SET)
    tail = os.read(file, _TAIL)
    whole, newline, torn = tail.rpartition(b"\n")
    if torn:
        os.ftruncate(file, size - len(torn))
    if not newline:
        return None
    found: dict[str, Any] = json.loads(whole.rpartition(b"\n")[2])
    return found


def _line(entry: Entry, before: str) -> str:
    told = {
        "n": entry.n,
        "at": entry.at.isoformat(),
        "who": entry.who,
        "klass": entry.klass,
        "scope": entry.scope,
        "alias": str(entry.alias) if entry.alias else None,
        "prev": before,
    }
    return _sealed(told)


def _sealed(told: Mapping[str, Any]) -> str:
    """The line that says this, with its digest."""
    said = {name: value for name, value in told.items() if name != "hash"}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return json.dumps({**said, "hash": digest}) + "\n"


def _entry(told: dict[str, str]) -> Entry:
    return Entry(
        n=int(told["n"]),
        at=datetime.fromisoformat(told["at"]),
        who=told["who"],
        klass=told["klass"],
        scope=told["scope"],
        alias=UUID(told["alias"]) if told["alias"] else None,
    )
