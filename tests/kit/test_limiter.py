"""Windows slide, nothing is taken by a refusal, and without Redis everything stays shut."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings as configured
from pytest_django import Settings

from kit.limiter import Limit, LimiterUnavailable, LimitReached, check, lift, take
from tests.waiting import until

PHONE = "+8613800138000"


@pytest.fixture(autouse=True)
def strict(settings: Settings) -> None:
    settings.LIMIT_FACTOR = 1


@pytest.fixture
def key() -> str:
    return f"{PHONE}/{secrets.token_hex(4)}"


@pytest.fixture
def store() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(configured.REDIS_URL, decode_responses=True) as client:
        yield client


def granted(*limits: Limit) -> bool:
    try:
        take(limits)
    except LimitReached:
        return False
    return True


def hourly(key: str, count: int = 2, scope: str = "send") -> Limit:
    return Limit(scope=scope, key=key, count=count, seconds=3600)


def test_the_count_is_exact(key: str) -> None:
    assert [granted(hourly(key, 3)) for _ in range(5)] == [True, True, True, False, False]


def test_scopes_keys_and_windows_are_apart(key: str) -> None:
    limits = [
        hourly(key, 1),
        hourly(key + "0", 1),
        hourly(key, 1, "verify"),
        Limit(scope="send", key=key, count=1, seconds=60),
    ]
    assert all(granted(limit) for limit in limits)
    assert not any(granted(limit) for limit in limits)


def test_a_refusal_takes_nothing_from_the_others(key: str) -> None:
    address, number = hourly(key, 10, "address"), hourly(key, 1, "number")
    take([address, number])
    for _ in range(20):
        assert not granted(address, number)
    assert [granted(address) for _ in range(10)] == [True] * 9 + [False]


def test_the_wait_is_until_the_slowest_limit_gives_way(key: str) -> None:
    limits = [Limit(scope="send", key=key, count=1, seconds=seconds) for seconds in (60, 3600, 86400)]
    take(limits[:2])
    with pytest.raises(LimitReached) as refused:
        take(limits)
    assert refused.value.retry_after in {3599, 3600}


def test_the_window_slides_and_the_wait_is_true(key: str) -> None:
    limit = Limit(scope="send", key=key, count=2, seconds=1)
    first = time.monotonic()
    take([limit])
    until(lambda: time.monotonic() - first > 0.6)
    take([limit])
    assert not granted(limit)
    until(lambda: granted(limit), seconds=3)
    assert 0.9 < time.monotonic() - first < 1.5  # the first one's place came free, the second's has not
    with pytest.raises(LimitReached) as refused:
        take([limit])
    assert refused.value.retry_after == 1


def test_a_check_takes_nothing(key: str) -> None:
    for _ in range(5):
        check([hourly(key, 1)])
    take([hourly(key, 1)])
    with pytest.raises(LimitReached):
        check([hourly(key, 1)])


def test_a_limit_of_nothing_grants_nothing(key: str) -> None:
    with pytest.raises(LimitReached) as refused:
        take([hourly(key, 0)])
    assert refused.value.retry_after == 3600


def test_no_limits_refuse_nothing() -> None:
    take([])


def test_lifting_starts_anew(key: str) -> None:
    take([hourly(key, 1)])
    lift([hourly(key, 1)])
    take([hourly(key, 1)])


def test_the_factor_is_read_at_the_call(key: str, settings: Settings) -> None:
    take([hourly(key, 1)])
    settings.LIMIT_FACTOR = 1000
    assert all(granted(hourly(key, 1)) for _ in range(50))
    settings.LIMIT_FACTOR = 1
    assert not granted(hourly(key, 1))


@pytest.mark.parametrize("_round", range(5))
def test_forty_at_once_four_allowed(key: str, _round: int) -> None:
    gate = threading.Barrier(40)

    def one() -> bool:
        gate.wait()
        return granted(hourly(key, 4), hourly(key, 400, "address"))

    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: one(), range(40)))
    assert answers.count(True) == 4


def test_redis_holds_no_number_and_forgets(key: str, store: "redis.Redis") -> None:
    before = set(store.scan_iter("*", count=1000))
    take([hourly(key), Limit(scope="number", key=PHONE + key, count=1, seconds=60)])
    fresh = set(store.scan_iter("*", count=1000)) - before
    fresh = {name for name in fresh if name.startswith("leap:limit:")}
    assert len(fresh) >= 2
    for name in fresh:
        everything = f"{name} {store.zrange(name, 0, -1, withscores=True)}"
        assert "138001" not in everything
        assert 0 < store.pttl(name) <= 3600_000


def test_a_redis_that_is_gone_keeps_it_shut(key: str, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nonexistent/redis.sock"
    for ask in (take, check, lift):
        with pytest.raises(LimiterUnavailable):
            ask([hourly(key)])


def test_a_redis_that_hangs_is_given_up_soon(key: str, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        with pytest.raises(LimiterUnavailable):
            take([hourly(key)])
        assert time.monotonic() - started < 3


def test_a_connection_broken_meanwhile_costs_the_caller_nothing(key: str, store: "redis.Redis") -> None:
    take([hourly(key, 9)])
    database = store.connection_pool.connection_kwargs.get("db", 0)
    limiters = [c for c in store.client_list() if c["name"] == "leap-limiter" and c["db"] == str(database)]
    assert limiters
    for connection in limiters:
        store.client_kill_filter(_id=connection["id"])
    take([hourly(key, 9)])


def test_scripts_forgotten_by_a_restart_are_loaded_again(key: str, store: "redis.Redis") -> None:
    take([hourly(key, 9)])
    store.script_flush()
    take([hourly(key, 9)])
