"""Streams rows of a model into its table by COPY. Needs the superuser: triggers and foreign keys rest."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg2
from django.db import connection
from django.db.models import Model
from psycopg2.sql import SQL, Identifier

from leap.services.progress import say

_PIECE = 2_000  # rows handed over at once
_TELL = 250_000  # rows between two lines of progress
_LAWLESS_INDEXES = """
SELECT index.relname, pg_get_indexdef(index.oid)
FROM pg_index JOIN pg_class index ON index.oid = indexrelid
WHERE indrelid = %s::regclass AND NOT indisunique
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@contextmanager
def superuser(url: str) -> Iterator[Any]:
    """A cursor whose changes no trigger follows, committed at the end."""
    opened = psycopg2.connect(url)
    try:
        with opened, opened.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            yield cursor
    finally:
        opened.close()


def copy(cursor: Any, alike: Model, rows: Iterable[dict[str, Any]], what: str = "") -> None:
    """Add a row for each of ``rows``: its values by column name, and the rest as the model ``alike`` has it.

    A column nobody names here gets its default, so a model may grow without this being told. ``what`` is
    said along with how many there are, now and then.
    """
    fields = [field for field in alike._meta.concrete_fields if not field.generated]
    same = {
        field.column: _text(field.get_db_prep_save(field.pre_save(alike, True), connection))
        for field in fields
    }
    columns = SQL(", ").join(Identifier(str(name)) for name in same)
    statement = SQL("COPY {} ({}) FROM STDIN").format(Identifier(alike._meta.db_table), columns)
    lines = ("\t".join((same | {name: _text(row[name]) for name in row}).values()) for row in rows)
    with _indexes_afterwards(cursor, alike._meta.db_table):
        cursor.copy_expert(statement, _Stream(lines, what))


@contextmanager
def _indexes_afterwards(cursor: Any, table: str) -> Iterator[None]:
    """Without the indexes that hold no law; built once all rows are there, they take a third of the time."""
    cursor.execute(_LAWLESS_INDEXES, [table])
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(SQL("DROP INDEX {}").format(Identifier(name)))
    yield
    for _, definition in found:
        cursor.execute(definition)


class _Stream:
    """What COPY reads from, telling how far it is."""

    def __init__(self, lines: Iterator[str], what: str) -> None:
        self._lines = lines
        self._what = what
        self._sent = 0

    def read(self, size: int = -1) -> str:
        piece = list(itertools.islice(self._lines, _PIECE))
        before, self._sent = self._sent, self._sent + len(piece)
        if self._sent // _TELL > before // _TELL:
            say(f"  {self._sent:,} {self._what}")
        return "".join(f"{line}\n" for line in piece)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None:
        return r"\N"
    if isinstance(value, bytes | memoryview):
        return rf"\\x{bytes(value).hex()}"
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else str(value)
