"""Rewriting what only looks deleted: dead rows, statistics, log of changes, Redis's files and slow log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import redis
from psycopg2 import errors, sql

from leap.services import process
from leap.services.residue.reach import Reach

LARGEST = 256 * 1024 * 1024  # bytes of a table that is rewritten: nobody writes to it meanwhile
_LOCK_WAIT = "5s"
_PATIENCE = 60.0  # seconds for Redis to write its file anew
_TABLES = """
SELECT n.nspname, c.relname, pg_total_relation_size(c.oid) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
"""


@dataclass
class Cleaned:
    """``left``: tables that were too large or in use, whose dead rows stay until the database reuses them."""

    tables: int = 0
    left: list[str] = field(default_factory=list)
    not_ours: list[str] = field(default_factory=list)  # stores on servers of their own


def clean(*, reach: Reach | None = None, only: Iterable[str] = (), largest: int = LARGEST) -> Cleaned:
    """Rewrite the tables (``only``: these names) and whatever logs kept of them. Everybody may go on working.

    A table is closed to others while it is rewritten; one that is larger than ``largest`` bytes, or busy for
    five seconds, is left as it is and named.
    """
    stores, done = reach or Reach.here(), Cleaned()
    if stores.data is None:
        done.not_ours.append("postgres")
    else:
        for database in stores.urls:
            with stores.cursor(database) as cursor:
                _rewrite(cursor, set(only), largest, done)
        for database in list(stores.urls)[:1]:
            with stores.cursor(database) as cursor:
                forget_changes(cursor)
    with redis.Redis.from_url(stores.redis_url) as client:
        client.slowlog_reset()
        rewrite_append_only(client)
        if stores.redis_folder is None:
            done.not_ours.append("redis")
        else:
            _write_snapshot_anew(client, stores.redis_folder)
    return done


def forget_changes(cursor: Any) -> None:
    """Begin a new file of the log of changes, and remove those before it: none is kept for reuse."""
    for _ in range(2):  # the second one sees that nothing before the first is needed any more
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_switch_wal()")
    cursor.execute("CHECKPOINT")


def rewrite_append_only(client: redis.Redis) -> None:
    """The append-only file as if nothing had ever been deleted from Redis. Raises TimeoutError."""
    if client.info("persistence").get("aof_enabled"):
        _when_idle(client)
        client.bgrewriteaof()
        _when_idle(client)


def _rewrite(cursor: Any, only: set[str], largest: int, done: Cleaned) -> None:
    cursor.execute(f"SET lock_timeout = '{_LOCK_WAIT}'")
    cursor.execute(_TABLES)
    for schema, table, size in cursor.fetchall():
        if only and table not in only:
            continue
        if size > largest:
            done.left.append(table)
            continue
        try:
            _rewrite_one(cursor, schema, table)
            done.tables += 1
        except errors.LockNotAvailable:
            done.left.append(table)
    try:  # samples of values lie here too, those of deleted rows included
        cursor.execute("VACUUM (FULL) pg_catalog.pg_statistic")
    except psycopg2.errors.LockNotAvailable:
        done.left.append("pg_statistic")


def _rewrite_one(cursor: Any, schema: str, table: str) -> None:
    cursor.execute(
        "SELECT attname FROM pg_stats WHERE schemaname = %s AND tablename = %s AND NOT inherited",
        [schema, table],
    )
    for (column,) in cursor.fetchall():  # an emptied table would keep its samples
        cursor.execute("SELECT pg_clear_attribute_stats(%s, %s, %s, false)", [schema, table, column])
    cursor.execute(sql.SQL("VACUUM (FULL, ANALYZE) {}").format(sql.Identifier(schema, table)))


def _write_snapshot_anew(client: redis.Redis, folder: Path) -> None:
    if (folder / str(client.config_get("dbfilename")["dbfilename"])).exists():
        client.save()


def _when_idle(client: redis.Redis) -> None:
    def idle() -> bool:
        state = client.info("persistence")
        busy = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
        return not any(state.get(name) for name in busy)

    if not process.poll(idle, _PATIENCE):
        raise TimeoutError("Redis did not write its append-only file anew in time")
