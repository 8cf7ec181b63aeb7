"""Copies that the search has to find, planted and taken away again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import redis

from leap.services.residue.cleaning import rewrite_append_only
from leap.services.residue.reach import Reach

_NAME = "residue-self-test"
_TABLE = "residue_self_test.planted"
_SECONDS = 600  # until Redis drops by itself what a killed test left
_AT_ONCE = 8  # values a call: the slow log keeps thirty-two arguments of one


@contextmanager
def in_files(folder: Path, blobs: Iterable[bytes]) -> Iterator[None]:
    """A file in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    planted = folder / f"{_NAME}-{secrets.token_hex(4)}"
    planted.write_bytes(b"before " + b" | ".join(blobs) + b" after")
    try:
        yield
    finally:
        planted.unlink(missing_ok=True)


@contextmanager
def in_databases(reach: Reach, database: str, texts: Iterable[str], blobs: Iterable[bytes]) -> Iterator[None]:
    """A table of its own, in a schema of its own, that nobody else may read."""
    with reach.cursor(database) as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS residue_self_test CASCADE")
        cursor.execute("CREATE SCHEMA residue_self_test")
        try:
            if reach.data:
                cursor.execute("SELECT pg_switch_wal()")  # the checkpoint below would drop an older file
            cursor.execute(f"CREATE TABLE {_TABLE} (words text, raw bytea)")
            for text in texts:
                cursor.execute(f"INSERT INTO {_TABLE} (words) VALUES (%s)", [text])  # noqa: S608  our own name
            for blob in blobs:
                cursor.execute(f"INSERT INTO {_TABLE} (raw) VALUES (%s)", [blob])  # noqa: S608  our own name
            if reach.data:
                cursor.execute("CHECKPOINT")
            yield
        finally:
            cursor.execute("DROP SCHEMA residue_self_test CASCADE")


@contextmanager
def in_redis(url: str, blobs: Sequence[bytes]) -> Iterator[None]:
    """Keys in Redis, its append-only file written anew so that it packs them, and every call a slow one."""
    with redis.Redis.from_url(url) as client:
        keys = [f"leap:{_NAME}:{number}" for number in range(len(blobs))]
        setting = "slowlog-log-slower-than"
        before = client.config_get(setting)[setting]
        client.slowlog_reset()
        try:
            client.config_set(setting, 0)
            for first in range(0, len(keys), _AT_ONCE):
                part = slice(first, first + _AT_ONCE)
                client.mset(dict(zip(keys[part], blobs[part], strict=True)))
            client.config_set(setting, before)
            for key in keys:
                client.expire(key, _SECONDS)
            rewrite_append_only(client)
            yield
        finally:
            client.config_set(setting, before)
            client.delete(*keys)
            client.slowlog_reset()
