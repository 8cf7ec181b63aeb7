"""Where backups lie, what makes one whole, and when it goes.

Two shelves, each under a key of its own: `data` (two databases and media, a fortnight) and `keys` (the key
store, a week). One without the other shows nobody's data; both together show what the ledger has not buried.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from leap.services.backups.trouble import BackupTrouble
from privacy.keystore.exceptions import Tampered
from privacy.keystore.signing import sign, verify

_STAMP = "%Y%m%dT%H%M%SZ"
_WHOLE = re.compile(r"\d{8}T\d{6}Z")
_ROUND = timedelta(days=1)  # from one run to the next: what would outlive its time by then goes now
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One kind of backup: what is in it, and for how long one is kept at the most."""

    name: str
    members: tuple[str, ...]
    kept: timedelta

    @property
    def folder(self) -> Path:
        return Path(settings.LEAP_HOME) / "backups" / self.name

    @property
    def key(self) -> bytes:
        return bytes(settings.KEYS_BACKUP_KEY if self is KEYS else settings.BACKUP_KEY)


DATA = Shelf(name="data", members=("default", "minors", "media"), kept=timedelta(days=14))
KEYS = Shelf(name="keys", members=("keys",), kept=timedelta(days=7))
SHELVES = (DATA, KEYS)  # in the order they are filled: a key made meanwhile is in the second


@dataclass(frozen=True, kw_only=True)
class Member:
    """One sealed file of a backup."""

    name: str
    size: int
    sha256: str


def stamp_of(at: datetime) -> str:
    """The name of a backup made at that moment."""
    return at.astimezone(UTC).strftime(_STAMP)


def made_at(stamp: str) -> datetime:
    """When a backup of that name was made."""
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def stamps(shelf: Shelf) -> list[str]:
    """The whole backups on a shelf, the oldest first."""
    if not shelf.folder.exists():
        return []
    return sorted(path.name for path in shelf.folder.iterdir() if _WHOLE.fullmatch(path.name))


def sealed_name(shelf: Shelf, stamp: str, member: str) -> str:
    """What a file is sealed for: it opens as no other member, and in no other backup."""
    return f"{shelf.name}/{stamp}/{member}"


@contextlib.contextmanager
def placed(shelf: Shelf, stamp: str) -> Iterator[Path]:
    """A folder to fill, which gets its name once it is whole: a run cut short leaves no half backup."""
    shelf.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = shelf.folder / f".{stamp}.part"
    draft.mkdir(mode=0o700)
    try:
        yield draft
        draft.rename(shelf.folder / stamp)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_manifest(folder: Path, shelf: Shelf, stamp: str, members: Sequence[Member], head: int) -> None:
    """List and sign what the backup holds, and how far the erasure ledger was."""
    told = {
        "format": 1,
        "shelf": shelf.name,
        "stamp": stamp,
        "ledger_head": head,
        "members": {member.name: {"bytes": member.size, "sha256": member.sha256} for member in members},
    }
    body = json.dumps(told, sort_keys=True, indent=1).encode()
    for name, content in ((MANIFEST, body), (SIGNATURE, base64.b64encode(sign(body)))):
        with open_private(folder / name) as file:
            file.write(content)


def read_manifest(shelf: Shelf, stamp: str) -> tuple[dict[str, Member], int]:
    """The members of a backup and the ledger's head of then. Raises BackupTrouble when it is not ours."""
    folder = shelf.folder / stamp
    try:
        body = (folder / MANIFEST).read_bytes()
        verify(body, base64.b64decode((folder / SIGNATURE).read_bytes()))
    except (OSError, ValueError, Tampered) as wrong:
        raise BackupTrouble(
            f"{folder} is no whole backup of ours ({type(wrong).__name__}). Take another."
        ) from wrong
    told = json.loads(body)
    if (told["shelf"], told["stamp"]) != (shelf.name, stamp):
        raise BackupTrouble(f"{folder} holds the backup {told['shelf']}/{told['stamp']}: put it back there.")
    found: Mapping[str, Mapping[str, str]] = told["members"]
    members = {
        name: Member(name=name, size=int(one["bytes"]), sha256=one["sha256"]) for name, one in found.items()
    }
    return members, int(told["ledger_head"])


def prune(at: datetime) -> int:
    """Delete what would outlive its time before the next run, and what runs cut short left; how many."""
    gone = [
        shelf.folder / stamp
        for shelf in SHELVES
        for stamp in stamps(shelf)
        if made_at(stamp) + shelf.kept < at + _ROUND
    ]
    gone += [part for shelf in SHELVES for part in shelf.folder.glob(".*.part")]
    for folder in gone:
        shutil.rmtree(folder)
    return len(gone)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One run at a time. Raises BackupTrouble while there is another."""
    folder = DATA.folder.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(lock)
        yield
    finally:
        os.close(lock)


def _hold(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupTrouble("A backup is being made or restored at this moment. Try again then.") from None


@contextlib.contextmanager
def open_private(path: Path) -> Iterator[BinaryIO]:
    """A new file of its owner's alone, safe on disk when this ends."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
