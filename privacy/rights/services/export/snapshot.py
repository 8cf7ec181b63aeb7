"""One moment of a database, looked at for as long as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connections, transaction


@contextmanager
def snapshot(database: str) -> Iterator[tuple[str, datetime]]:
    """The alias of a connection that sees ``database`` as it was at one moment, and that moment.

    A connection of its own, which cannot write: what is recorded meanwhile is committed on the usual one.
    """
    alias = f"snapshot of {database}"
    connections[alias] = apart = connections[database].copy(alias)
    try:
        with transaction.atomic(using=alias), apart.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT now()")
            [as_of] = cursor.fetchone()
            yield alias, as_of
    finally:
        del connections[alias]
        apart.close()
