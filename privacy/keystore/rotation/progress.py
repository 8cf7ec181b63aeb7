"""How far a rotation is: on record, so that it goes on where it was, and told while it runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from django.db import connections
from django.utils import timezone

from privacy.keystore import store
from privacy.keystore.models import KeyRotation

EPOCH, DATA, INDEX = "epoch", "data", "index"
_LOCK = "leap key rotation"


class Tell(Protocol):
    """Who wants to hear how far it is: of what, how many rows, of how many."""

    def __call__(self, what: str, done: int, total: int) -> None: ...


def quiet(what: str, done: int, total: int) -> None:
    """Nobody does."""


@contextmanager
def alone() -> Iterator[bool]:
    """One rotation at a time, whichever process began it; False where another is at it.

    The lock goes with its connection: a process that was killed leaves none behind.
    """
    with connections[store.database()].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [_LOCK])
        (mine,) = cursor.fetchone() or (False,)
        try:
            yield bool(mine)
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_LOCK])


class Course:
    """One rotation of one kind and target, begun now or gone on with."""

    def __init__(self, kind: str, target: str, *, tell: Tell = quiet) -> None:
        self._row, _ = KeyRotation.objects.get_or_create(kind=kind, target=target, ended_at=None)
        self._tell = tell

    @property
    def begun_at(self) -> datetime:
        return self._row.begun_at

    @property
    def cursor(self) -> str:
        """Where it was; empty at the beginning."""
        return self._row.cursor

    def expect(self, total: Callable[[], int]) -> None:
        """Say how many rows there are to go through, once."""
        if not self._row.total:
            self._row.total = total()
            self._row.save(update_fields=["total"])

    def advance(self, cursor: str, done: int) -> None:
        """So many rows more are dealt with, the last of them at ``cursor``."""
        self._row.cursor, self._row.beat_at = cursor, timezone.now()
        self._row.done += done
        self._row.save(update_fields=["cursor", "done", "beat_at"])
        self._say()

    def rewind(self) -> None:
        """Begin once more at the first row; what was left out is found then."""
        self._row.cursor = ""
        self._row.save(update_fields=["cursor"])

    def end(self) -> None:
        """It is done."""
        self._row.ended_at = self._row.beat_at = timezone.now()
        self._row.save(update_fields=["ended_at", "beat_at"])
        self._say()

    def _say(self) -> None:
        row = self._row
        self._tell(f"{row.kind} {row.target}", row.done, max(row.total, row.done))


def unfinished(kind: str) -> list[str]:
    """The targets of rotations of a kind that were begun and have not ended."""
    rows = KeyRotation.objects.filter(kind=kind, ended_at=None)
    return list(rows.order_by("begun_at").values_list("target", flat=True))
