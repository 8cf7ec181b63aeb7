"""Whether this process lives, and whether everything it needs answers."""

import select
import time
from collections.abc import Mapping
from typing import Any

import psycopg2
import redis
from django.conf import settings
from django.db import Error, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg2.extensions import POLL_OK, POLL_READ

from leap.celery import alive_key
from leap.start_checks import IN_FLIGHT
from privacy.erasure.exceptions import LedgerLost
from privacy.erasure.services.replaying import behind

_LOOKED_AT = 100  # of the ledger's last entries
_PATIENCE = 1.0  # seconds a store may take; a stopped one must not hold the answer up


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Each store and this start's worker. 503 when a database is down, or restored from before an erasure.

    The rest can be done without.
    """
    databases = {alias: _answers(settings.DATABASES[alias]) for alias in settings.DATABASES}
    old = _restored.now() if all(databases.values()) else set()
    state = {**databases, **_queue()}
    every = all(state.values()) and not old
    body = {"status": "ok" if every else "degraded"}
    body |= {name: "ok" if answers else "down" for name, answers in state.items()}
    body |= dict.fromkeys(sorted(old), "behind")
    return JsonResponse(body, status=200 if all(databases.values()) and not old else 503)


class _Restored:
    """Which databases lack erasures, for longer than one that is just being written may take."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def now(self) -> set[str]:
        """Their aliases."""
        try:
            lacking = set(behind(newest=_LOOKED_AT))
        except OperationalError:
            return set()  # who does not answer is said to be down at the next look
        except (Error, LedgerLost):
            return set(settings.DATABASES)
        now = time.monotonic()
        self._since = {alias: self._since.get(alias, now) for alias in lacking}
        return {alias for alias, since in self._since.items() if now - since >= IN_FLIGHT}


_restored = _Restored()


def _answers(database: Mapping[str, Any]) -> bool:
    """Whether a database answers on a new connection: those in use would hang with a hung server."""
    until = time.monotonic() + _PATIENCE
    try:
        connection = psycopg2.connect(
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            host=database["HOST"],
            port=database["PORT"] or None,
            async_=True,
        )
    except psycopg2.Error:
        return False
    try:
        _settle(connection, until)
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        _settle(connection, until)
        return bool(cursor.fetchone())
    except (psycopg2.Error, TimeoutError):
        return False
    finally:
        connection.close()


def _settle(connection: Any, until: float) -> None:
    """Waits for the server without ever blocking past ``until``. Raises TimeoutError."""
    while (state := connection.poll()) != POLL_OK:
        one = [connection.fileno()]
        reads, writes = (one, []) if state == POLL_READ else ([], one)
        left = until - time.monotonic()
        if left <= 0 or not any(select.select(reads, writes, [], left)):
            raise TimeoutError


def _queue() -> dict[str, bool]:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        ) as client:
            return {"redis": bool(client.ping()), "worker": bool(client.exists(alive_key()))}
    except redis.RedisError:
        return {"redis": False, "worker": False}
