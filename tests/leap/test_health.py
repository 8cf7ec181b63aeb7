"""What /healthz and /readyz say, and when."""

import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from kit.uuid7 import uuid7
from leap.celery import alive_key, say_alive, say_ended
from leap.start_checks import IN_FLIGHT
from privacy.erasure.models import LedgerMark
from privacy.keystore import burial, ledger
from privacy.keystore.ledger import Entry
from privacy.minors.models import LedgerMark as VaultMark

pytestmark = pytest.mark.django_db(databases="__all__")
HEALTHY = {"status": "ok", "default": "ok", "minors": "ok", "keys": "ok", "redis": "ok", "worker": "ok"}


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_the_process_answers(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert "set-cookie" not in {name.lower() for name in answer.headers}


def test_all_is_well_while_this_starts_worker_gives_signs(client: Client, settings: Settings) -> None:
    say_alive()
    assert ready(client) == (200, HEALTHY)

    settings.START_ID = "another start"
    assert ready(client) == (200, HEALTHY | {"status": "degraded", "worker": "down"})


def test_a_worker_that_ended_says_so(client: Client) -> None:
    say_alive()
    say_ended()
    assert ready(client)[1]["worker"] == "down"


def test_a_sign_of_life_fades(settings: Settings) -> None:
    say_alive()
    with redis.Redis.from_url(settings.REDIS_URL) as store:
        assert 0 < int(store.ttl(alive_key())) <= 15


def test_without_redis_it_is_degraded_and_nothing_raises(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    say_alive()
    say_ended()
    assert ready(client) == (200, HEALTHY | {"status": "degraded", "redis": "down", "worker": "down"})


@pytest.mark.parametrize("alias", ["default", "minors", "keys"])
@pytest.mark.parametrize(
    "broken",
    [{"HOST": "127.0.0.1", "PORT": "1"}, {"PASSWORD": "wrong", "USER": "nobody"}, {"NAME": "nowhere"}],
    ids=["nobody listens", "not let in", "no such database"],
)
def test_a_database_that_is_down_is_503(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, alias: str, broken: dict[str, str]
) -> None:
    say_alive()
    for name, value in broken.items():
        monkeypatch.setitem(settings.DATABASES[alias], name, value)
    assert ready(client) == (503, HEALTHY | {"status": "degraded", alias: "down"})


@pytest.mark.parametrize("alias", ["default", "minors", "keys"])
def test_a_database_restored_from_before_an_erasure_is_503(
    client: Client, monkeypatch: pytest.MonkeyPatch, alias: str
) -> None:
    say_alive()
    entry = ledger.bury(uuid7(), scope="person", alias=uuid7())
    marked_but_in(alias, entry)
    assert ready(client) == (200, HEALTHY)  # it may be about to be marked

    clock = time.monotonic() + IN_FLIGHT
    monkeypatch.setattr("leap.health.time.monotonic", lambda: clock)
    assert ready(client) == (503, HEALTHY | {"status": "degraded", alias: "behind"})

    marked_but_in("none", entry)
    assert ready(client) == (200, HEALTHY)


def test_without_the_ledger_it_is_503(client: Client) -> None:
    say_alive()
    entry = ledger.bury(uuid7(), scope="person", alias=uuid7())
    marked_but_in("none", entry)
    Path(settings.ERASURE_LEDGER).unlink()
    behind = dict.fromkeys(("default", "minors", "keys"), "behind")
    assert ready(client) == (503, HEALTHY | {"status": "degraded"} | behind)


def marked_but_in(alias: str, entry: Entry) -> None:
    if alias != "default":
        LedgerMark.objects.get_or_create(n=entry.n)
    if alias != "minors":
        VaultMark.objects.get_or_create(n=entry.n)
    if alias != "keys":
        burial.carry_out([entry])


def test_answers_are_never_kept(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        assert "no-store" in client.get(path)["Cache-Control"]
    assert client.post("/readyz").status_code == 405
