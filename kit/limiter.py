"""How often something may happen: sliding windows in Redis, all of a request's limits in one atomic step."""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from kit.security_log import note

_TIMEOUT = 1  # second, to connect and to answer: nobody waits for a limit

# Every limit is looked at before any is taken: a refused request costs nothing. Time is the server's own, so
# machines need not agree on theirs. KEYS: a sorted set per limit, scored by the millisecond of each taking.
# ARGV: "take" or "check", a name for this taking, then count and window (milliseconds) of each limit.
# Answers milliseconds to wait; 0 means granted.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local wait = 0
for i, key in ipairs(KEYS) do
  local count, window = tonumber(ARGV[1 + 2 * i]), tonumber(ARGV[2 + 2 * i])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local taken = redis.call('ZCARD', key)
  if count < 1 then
    wait = math.max(wait, window)
  elseif taken >= count then
    local gives_way = redis.call('ZRANGE', key, taken - count, taken - count, 'WITHSCORES')
    wait = math.max(wait, gives_way[2] + window - now, 1)
  end
end
if wait == 0 and ARGV[1] == 'take' then
  for i, key in ipairs(KEYS) do
    redis.call('ZADD', key, now, ARGV[2])
    redis.call('PEXPIRE', key, ARGV[2 + 2 * i])
  end
end
return math.ceil(wait)
"""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most ``count`` within any ``seconds`` for one ``key`` (a number, an address) in one ``scope``."""

    scope: str
    key: str
    count: int
    seconds: int


class LimitReached(Exception):
    """Refused; ``retry_after`` whole seconds until the same request would be granted."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"limit reached, retry after {retry_after} s")
        self.retry_after = retry_after


class LimiterUnavailable(Exception):
    """Redis did not answer. What the limit guards stays shut."""


def take(limits: Sequence[Limit]) -> None:
    """Take one from every limit, or from none; raises LimitReached, LimiterUnavailable."""
    _ask("take", limits)


def check(limits: Sequence[Limit]) -> None:
    """Raise LimitReached if ``take`` would now, taking nothing: for limits only failures count against."""
    _ask("check", limits)


def lift(limits: Sequence[Limit]) -> None:
    """Forget what was taken from these limits; raises LimiterUnavailable."""
    try:
        _client(settings.REDIS_URL).delete(*[_key(limit) for limit in limits])
    except (redis.RedisError, OSError) as error:
        raise LimiterUnavailable from error


def count_of(keys: Iterable[str]) -> int:
    """How many limits stand for these keys, in any scope; raises LimiterUnavailable."""
    return len(_standing(keys))


def forget(keys: Iterable[str]) -> int:
    """Drop every limit of these keys, in any scope; how many. Raises LimiterUnavailable."""
    standing = _standing(keys)
    try:
        return int(_client(settings.REDIS_URL).delete(*standing)) if standing else 0
    except (redis.RedisError, OSError) as error:
        raise LimiterUnavailable from error


def _standing(keys: Iterable[str]) -> list[bytes]:
    names = tuple(f"leap:limit:{_whose(key)}:".encode() for key in keys)
    try:
        every: list[bytes] = list(_client(settings.REDIS_URL).scan_iter("leap:limit:*", count=1000))
        return [name for name in every if name.startswith(names)]
    except (redis.RedisError, OSError) as error:
        raise LimiterUnavailable from error


def _ask(what: Literal["take", "check"], limits: Sequence[Limit]) -> None:
    arguments: list[str | int] = [what, secrets.token_hex(8)]
    for limit in limits:
        arguments += [limit.count * settings.LIMIT_FACTOR, limit.seconds * 1000]
    try:
        wait = _script(settings.REDIS_URL)(keys=[_key(limit) for limit in limits], args=arguments)
    except (redis.RedisError, OSError) as error:
        raise LimiterUnavailable from error
    if wait:
        note("limited")
        raise LimitReached(retry_after=-(-int(wait) // 1000))


def _key(limit: Limit) -> str:
    said = "\x1f".join((limit.scope, str(limit.seconds), limit.key))
    return f"leap:limit:{_whose(limit.key)}:{_digest(said)}"


def _whose(key: str) -> str:
    """First in the name of each limit of one key, so that all are found when it has to be forgotten."""
    return _digest(f"whose\x1f{key}")


def _digest(said: str) -> str:
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"limiter:" + said.encode(), "sha256")
    return digest.hex()[:32]


@cache
def _client(url: str) -> redis.Redis:
    # One silent retry, and only for a connection found broken: Redis restarted since the last request.
    retry = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    client: redis.Redis = redis.Redis.from_url(
        url,
        socket_timeout=_TIMEOUT,
        socket_connect_timeout=_TIMEOUT,
        retry=retry,
        client_name="leap-limiter",
    )
    return client


@cache
def _script(url: str) -> Script:
    return _client(url).register_script(_SCRIPT)
