"""Making a backup: the three databases and the media, sealed as they are read, never in clear on disk."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.utils import timezone

from leap.services.backups import programs
from leap.services.backups.shelves import (
    SHELVES,
    Member,
    Shelf,
    alone,
    open_private,
    placed,
    prune,
    sealed_name,
    stamp_of,
    write_manifest,
)
from privacy.keystore import ledger
from privacy.keystore.streams import CHUNK, BackupStream, Sink

Progress = Callable[[str, int], None]
"""What is in the backup now, and its bytes."""


def back_up(progress: Progress | None = None) -> str:
    """Back up everything, and delete what is too old; the name of the backup.

    As the app's role, which may read all of it: whoever makes backups needs no right that serving lacks.
    Raises BackupTrouble.
    """
    told = progress or (lambda what, size: None)
    with alone():
        now = timezone.now()
        prune(now)
        stamp = stamp_of(now)
        for shelf in SHELVES:
            _fill(shelf, stamp, told)
    return stamp


def _fill(shelf: Shelf, stamp: str, told: Progress) -> None:
    head = ledger.head()  # before the first dump: what is buried meanwhile is carried out again
    with placed(shelf, stamp) as folder:
        members = []
        for name in shelf.members:
            members.append(_seal(folder / name, shelf, stamp, name))
            told(f"{shelf.name}/{name}", members[-1].size)
        write_manifest(folder, shelf, stamp, members, head)


def _seal(path: Path, shelf: Shelf, stamp: str, member: str) -> Member:
    with open_private(path) as file:
        counted = _Counted(file)
        sealing = BackupStream(counted, name=sealed_name(shelf, stamp, member), key=shelf.key)
        if member == "media":
            _pack(Path(settings.MEDIA_ROOT), sealing)
        else:
            _dump(member, sealing)
        sealing.finish()
    return Member(name=member, size=counted.size, sha256=counted.digest.hexdigest())


def _dump(alias: str, sink: Sink) -> None:
    database = settings.DATABASES[alias]
    command = [
        *(programs.find("pg_dump"), "--dbname", programs.to(database), "--no-password"),
        *("--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=30s"),
    ]
    with programs.started(command, database) as dumping:
        output = cast("IO[bytes]", dumping.stdout)
        while chunk := output.read(CHUNK):
            sink.write(chunk)


def _pack(folder: Path, sink: Sink) -> None:
    """The files under a folder, by their names in it."""
    with tarfile.open(fileobj=cast("IO[bytes]", sink), mode="w|") as archive:
        for path in sorted(folder.rglob("*")) if folder.exists() else ():
            try:
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
            except FileNotFoundError:
                continue  # a copy somebody took away, ended meanwhile


class _Counted:
    """Counts and digests what goes into a file."""

    def __init__(self, file: Sink) -> None:
        self._file, self.size, self.digest = file, 0, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)
        self.digest.update(data)
