"""Putting a backup back: proved first, each database in one transaction, while nobody is served."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import psycopg2
from django.conf import settings
from django.db import connections

from leap.services.backups import programs
from leap.services.backups.shelves import SHELVES, Member, Shelf, alone, read_manifest, sealed_name, stamps
from leap.services.backups.trouble import BackupTrouble
from leap.services.home import Home
from privacy.keystore import ledger
from privacy.keystore.exceptions import Tampered
from privacy.keystore.streams import CHUNK, open_backup

MEMBERS = tuple(name for shelf in SHELVES for name in shelf.members)
_BEGIN = b"BEGIN;\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
_COMMIT = b"\nCOMMIT;\n"
# The server's own workers have no user. More than whose they are, an owner does not see of others' sessions.
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
"""

Progress = Callable[[str], None]
"""What is back."""


def restore(*, stamp: str | None = None, only: Sequence[str] = (), progress: Progress | None = None) -> str:
    """Put back the newest backup, or the one named, or ``only`` some members of it; its name.

    The databases then lack what was erased since, and nothing serves them until `prepare` has carried it out
    again. As the tables' owner, who alone may make them. Raises BackupTrouble; what was not said to be back
    is as it was.
    """
    told = progress or (lambda what: None)
    wanted = tuple(only) or MEMBERS
    with alone():
        _refuse_while_served()
        stamp = stamp or _newest(wanted)
        plan = _plan(stamp, wanted)
        for shelf, member in plan:
            _prove(shelf, stamp, member)
        for shelf, member in plan:
            _put_back(member.name, _opened(shelf, stamp, member.name))
            told(member.name)
    return stamp


def _plan(stamp: str, wanted: Sequence[str]) -> list[tuple[Shelf, Member]]:
    plan: list[tuple[Shelf, Member]] = []
    for shelf in SHELVES:
        names = [name for name in shelf.members if name in wanted]
        if not names:
            continue
        if stamp not in stamps(shelf):
            raise BackupTrouble(
                f"There is no backup {stamp} in {shelf.folder}. "
                "Name one that is there, or with --only what is to come back."
            )
        members, head = read_manifest(shelf, stamp)
        if head > ledger.head():
            raise BackupTrouble(
                f"{settings.ERASURE_LEDGER} is older than this backup. Put the newest copy of it back first: "
                "it says who was erased."
            )
        plan += [(shelf, members[name]) for name in names]
    return plan


def _newest(wanted: Sequence[str]) -> str:
    """The newest backup that has all of what is wanted."""
    needed = [set(stamps(shelf)) for shelf in SHELVES if set(shelf.members) & set(wanted)]
    found = sorted(set.intersection(*needed)) if needed else []
    if not found:
        raise BackupTrouble("There is no backup of all that. Name with --only what is to come back.")
    return found[-1]


def _refuse_while_served() -> None:
    if "LEAP_START_ID" in Home(Path(settings.LEAP_HOME)).read_env():
        raise BackupTrouble("The product is running. Stop it first: what it is doing would be lost half-way.")
    connections.close_all()
    for alias, database in settings.DATABASES.items():
        with _signed_in(alias) as connection, connection.cursor() as cursor:
            cursor.execute(_OTHERS)
            others = cursor.fetchone()
        connection.close()
        if others and others[0]:
            raise BackupTrouble(
                f"Somebody is at work in the database {database['NAME']}. Stop the product first."
            )


def _signed_in(alias: str) -> psycopg2.extensions.connection:
    database = settings.DATABASES[alias]
    return psycopg2.connect(programs.to(database), password=database["PASSWORD"])


def _opened(shelf: Shelf, stamp: str, member: str) -> Iterator[bytes]:
    with (shelf.folder / stamp / member).open("rb") as file:
        yield from open_backup(file, name=sealed_name(shelf, stamp, member), key=shelf.key)


def _prove(shelf: Shelf, stamp: str, member: Member) -> None:
    """Before anything is changed: the file is the one that was signed, and opens to its end."""
    path = shelf.folder / stamp / member.name
    try:
        with path.open("rb") as file:
            whole = hashlib.file_digest(file, "sha256").hexdigest() == member.sha256
        for _ in _opened(shelf, stamp, member.name) if whole else ():
            pass
    except (OSError, Tampered) as wrong:
        raise BackupTrouble(f"{path} does not open ({wrong}). Take another backup.") from wrong
    if not whole:
        raise BackupTrouble(f"{path} is not what was backed up. Take another backup.")


def _put_back(member: str, content: Iterator[bytes]) -> None:
    if member == "media":
        _unpack(content, Path(settings.MEDIA_ROOT))
    else:
        _load(content, member)


def _load(content: Iterator[bytes], alias: str) -> None:
    """The dump in place of what is there, in one transaction that only a whole dump commits."""
    database = settings.DATABASES[alias]
    reading = [programs.find("pg_restore"), "--no-owner", "--no-privileges", "--file=-"]
    writing = [
        *(programs.find("psql"), "--dbname", programs.to(database), "--no-password", "--no-psqlrc"),
        *("--quiet", "--set=ON_ERROR_STOP=1"),
    ]
    with programs.started(writing, database, reads=True) as loading:
        into = cast("IO[bytes]", loading.stdin)
        into.write(_BEGIN)
        with programs.started(reading, reads=True) as translating:
            feeder = _Feeder(content, cast("IO[bytes]", translating.stdin))
            feeder.start()
            output = cast("IO[bytes]", translating.stdout)
            while chunk := output.read(CHUNK):
                into.write(chunk)
            feeder.end()
        into.write(_COMMIT)


class _Feeder(threading.Thread):
    """Hands a program its input while we take its output."""

    def __init__(self, content: Iterator[bytes], into: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._content, self._into = content, into
        self._wrong: Exception | None = None

    def run(self) -> None:
        try:
            for chunk in self._content:
                self._into.write(chunk)
        except Exception as wrong:  # handed to whoever waits for the end
            self._wrong = wrong
        finally:
            self._into.close()

    def end(self) -> None:
        """Wait for the last byte. Raises what went wrong on the way."""
        self.join()
        if self._wrong is not None:
            raise self._wrong


def _unpack(content: Iterator[bytes], folder: Path) -> None:
    """The files of the archive in place of those that are there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".restored-", dir=folder))
    with tarfile.open(fileobj=cast("IO[bytes]", _Reader(content)), mode="r|") as archive:
        archive.extractall(draft, filter="data")
    for old in folder.iterdir():
        if old != draft:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for new in draft.iterdir():
        new.rename(folder / new.name)
    draft.rmdir()


class _Reader(io.RawIOBase):
    """Chunks as a file that is read once."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self._content, self._rest = content, b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._content, b"")
            if not chunk:
                break
            self._rest += chunk
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return given
