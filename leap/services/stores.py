"""Starts the embedded stores of a home and says what the environment of our code has to hold."""

import os
import subprocess
from collections.abc import Callable
from typing import Protocol

from leap.services import process
from leap.services.home import Home
from leap.services.keyring import Keyring, is_given
from leap.services.postgres import Cluster
from leap.services.progress import step
from leap.services.redis_server import RedisServer
from leap.services.trouble import CannotStart

_PATIENCE = 120.0  # seconds; recovery after a crash reads the log since the last checkpoint
_URLS = ("DATABASE_URL", "MINORS_DATABASE_URL", "KEYS_DATABASE_URL")
STORE_SETTINGS = (*_URLS, "REDIS_URL")
URL_SETTINGS = (*STORE_SETTINGS, *(name.replace("_URL", "_OWNER_URL") for name in _URLS))


class Launcher(Protocol):
    """Who keeps the started processes: the supervisor, or a command for its own duration."""

    def add(self, make: Callable[[], process.Program]) -> None: ...

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None: ...


class Companions:
    """Processes that live as long as one command; nobody restarts them."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._running: dict[subprocess.Popen[bytes], process.Program] = {}

    def add(self, make: Callable[[], process.Program]) -> None:
        program = make()
        started = process.spawn(program)
        self._running[started] = program
        self._home.write_pid(program.name, started.pid)

    def wait_until(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        if not process.poll(lambda: ready() or self._any_ended(), seconds) or not ready():
            logs = [program.log for program in self._running.values() if program.log]
            words = "\n".join(f"{log}:\n{process.tail(log)}" for log in logs)
            raise CannotStart(f"{what}. The last lines of\n{words}")

    def end(self) -> None:
        process.end({started: program.stop_signal for started, program in self._running.items()}, 8.0)

    def _any_ended(self) -> bool:
        return any(process.has_ended(started) for started in self._running)


def all_given() -> bool:
    """Whether the environment names every store; raises CannotStart when it names only some."""
    missing = [name for name in STORE_SETTINGS if not is_given(os.environ, name)]
    if missing and len(missing) < len(STORE_SETTINGS):
        raise CannotStart(
            f"{', '.join(missing)} missing: set all of {', '.join(STORE_SETTINGS)} "
            "to use servers of your own, or none of them for the embedded ones."
        )
    return not missing


def start_stores(home: Home, launcher: Launcher, *, durable: bool = True) -> dict[str, str]:
    """Starts PostgreSQL and Redis; returns the URLs and secrets for the environment of our code."""
    cluster, keyring = Cluster(home, durable=durable), Keyring(home)
    exists = cluster.exists
    secrets = keyring.settings(os.environ, data_exists=exists)
    cluster.passwords = keyring.passwords(data_exists=exists)
    if not exists:
        with step("postgres: creating the cluster"):
            cluster.create()
    redis = RedisServer(home)
    with step("postgres, redis: starting"):
        launcher.add(cluster.program)
        launcher.add(redis.program)
        launcher.wait_until(cluster.accepts, _PATIENCE, "PostgreSQL did not start")
        launcher.wait_until(redis.accepts, _PATIENCE, "Redis did not start")
    cluster.complete()
    return {**secrets, **cluster.urls(), "REDIS_URL": redis.url, "LEAP_HOME": str(home.root)}


def placeholders(home: Home) -> dict[str, str]:
    """An environment in which settings load though nothing runs: for commands that touch no store."""
    urls = {
        name: f"postgresql://nobody@/none?host={home.root / 'pg' / 'socket'}"
        for setting in ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE")
        for name in (f"{setting}_URL", f"{setting}_OWNER_URL")
    }
    redis = f"unix://{home.root / 'redis' / 'redis.sock'}?db=0"
    return {**Keyring(home).throwaway(os.environ), **urls, "REDIS_URL": redis}
