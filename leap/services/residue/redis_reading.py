"""What Redis holds, read through its own door: files say it later, and packed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import redis

_READERS: dict[bytes, str] = {
    b"string": "get",
    b"list": "lrange",
    b"set": "smembers",
    b"zset": "zrange",
    b"hash": "hgetall",
    b"stream": "xrange",
}
_WHOLE: dict[bytes, tuple[Any, ...]] = {b"list": (0, -1), b"zset": (0, -1)}


def values(url: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Every key with its value, of every numbered database."""
    with redis.Redis.from_url(url) as client:
        used = sorted(int(name.removeprefix("db")) for name in client.info("keyspace"))
    for number in used:
        yield f"db{number}", _database(url, number)


def slow_log(url: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The arguments that the slow log keeps."""
    with redis.Redis.from_url(url) as client:
        entries = client.slowlog_get(-1)
    yield "slowlog", [b"\n".join(_flat(entry)) + b"\n" for entry in entries]


def _database(url: str, number: int) -> Iterator[bytes]:
    pool = redis.ConnectionPool.from_url(url)
    pool.connection_kwargs["db"] = number  # the address names another one
    with redis.Redis.from_pool(pool) as client:
        for key in client.scan_iter(count=1000):
            yield key + b"\n" + b"\n".join(_flat(_value(client, key))) + b"\n"


def _value(client: redis.Redis, key: bytes) -> Any:
    kind = client.type(key)
    if kind not in _READERS:  # gone meanwhile
        return b""
    return getattr(client, _READERS[kind])(key, *_WHOLE.get(kind, ()))


def _flat(value: Any) -> Iterator[bytes]:
    """The bytes in whatever shape the client made of an answer."""
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, dict):
        for pair in value.items():
            yield from _flat(pair)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _flat(each)
    elif value is not None:
        yield str(value).encode()
