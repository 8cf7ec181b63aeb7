"""Every place there is to look: files, dumps, what Redis holds; each as pieces of bytes under a name."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leap.services.residue import redis_reading
from leap.services.residue.reach import Reach, for_program

CHUNK = 1 << 20  # bytes
_LOCK_WAIT = 30_000  # milliseconds a dump waits for a table
Piece = tuple[str, Iterable[bytes]]


class Unreadable(Exception):
    """A place that could not be read to its end; says why, in words without values."""


@dataclass(frozen=True)
class Place:
    """``unreached`` says why nobody looks there; ``redis_strings``: Redis's own packing is undone."""

    name: str
    pieces: Callable[[], Iterator[Piece]]
    unreached: str = ""
    redis_strings: bool = False
    note: str = ""


def places(reach: Reach) -> list[Place]:
    """All of them, those out of reach included, so that a report shows what it does not know."""
    return [*_of_postgres(reach), *_of_redis(reach), *_of_home(reach)]


def _of_postgres(reach: Reach) -> Iterator[Place]:
    elsewhere = "" if reach.data else "PostgreSQL's files lie on another server"
    data = reach.data or reach.home.root
    wal = data / "pg_wal"
    yield Place("wal", lambda: files(wal), elsewhere)  # before the checkpoint, which drops files of it
    yield Place("data", lambda: _data_files(reach, data, wal), elsewhere)
    closed = "" if reach.urls else "nobody who may dump is known here: set the *_OWNER_URL"
    yield Place("dump", lambda: _dumps(reach, "plain"), closed)
    yield Place("custom_dump", lambda: _dumps(reach, "custom"), closed)


def _of_redis(reach: Reach) -> Iterator[Place]:
    folder = reach.redis_folder
    elsewhere = "" if folder else "Redis's files lie on another server"
    yield Place("redis", lambda: files(folder or reach.home.root), elsewhere, redis_strings=True)
    yield Place("redis_values", lambda: redis_reading.values(reach.redis_url))
    yield Place("slow_log", lambda: redis_reading.slow_log(reach.redis_url))


def _of_home(reach: Reach) -> Iterator[Place]:
    root = reach.home.root
    exports = root / "media" / "exports"
    yield Place("logs", lambda: files(root / "log"))
    yield Place("media", lambda: files(root / "media", but=(exports,)))
    yield Place("exports", lambda: files(exports), note="sealed: only what lies beside the seal is seen")
    yield Place("backups", lambda: files(root / "backups"), note="sealed: unreadable by design")
    own = tuple(root / name for name in ("pg", "redis", "log", "media", "backups"))
    yield Place("home", lambda: files(root, but=own))


def _data_files(reach: Reach, data: Path, wal: Path) -> Iterator[Piece]:
    """As they are once everything that was committed stands in them."""
    with reach.cursor(next(iter(reach.urls))) as cursor:
        cursor.execute("CHECKPOINT")
    yield from files(data, but=(wal,))


def files(folder: Path, but: tuple[Path, ...] = ()) -> Iterator[Piece]:
    """Every file below, its name first: a name can tell as much as what is in it."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(place) / name not in but]
        for name in sorted(names):
            path = Path(place) / name
            if path not in but:
                yield str(path.relative_to(folder)), _content(path)


def _content(path: Path) -> Iterator[bytes]:
    yield f"{path.name}\n".encode(errors="replace")
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except FileNotFoundError:  # went while we looked
        return
    except PermissionError as error:
        raise Unreadable("a file belongs to another user: run as root, or as that user") from error


def _dumps(reach: Reach, form: str) -> Iterator[Piece]:
    for database, url in reach.urls.items():
        arguments, environment = for_program(url)
        dump = [
            str(reach.programs / "pg_dump"),
            f"--format={form}",
            f"--lock-wait-timeout={_LOCK_WAIT}",
            *arguments,
        ]
        yield database, _read(reach, dump, environment, unpacked=form == "custom")


def _read(reach: Reach, dump: list[str], environment: dict[str, str], *, unpacked: bool) -> Iterator[bytes]:
    """A dump as it is made; one in PostgreSQL's own format is unpacked on its way, and lies nowhere."""
    making = subprocess.Popen(dump, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    running = [making]
    if unpacked:
        restore = [str(reach.programs / "pg_restore"), "--file=-"]
        running.append(
            subprocess.Popen(
                restore,
                env=environment,
                stdin=making.stdout,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        )
    try:
        output = running[-1].stdout
        while output and (chunk := output.read(CHUNK)):
            yield chunk
        if sum(program.wait() != 0 for program in running):
            raise Unreadable("a dump could not be made to its end")
    finally:
        for program in running:
            program.kill()
            program.wait()
            if program.stdout:
                program.stdout.close()
