"""No process serves data whose keys it has not got, nor does one that serves keep a connection to share."""

import base64
import os
import socket
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as ours
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from pytest_django import Settings

from kit.uuid7 import uuid7
from leap.services.commands import BEAT, WEB, WORKER, here
from leap.start_checks import refuse_to_start
from privacy.erasure.services.replaying import replay
from privacy.keystore import ledger
from privacy.keystore.services import seal
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
OTHER_KEY = base64.b64encode(b"?" * 32).decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.parametrize("command", [WEB, WORKER, BEAT], ids=["web", "worker", "beat"])
def test_nothing_serves_over_keys_it_cannot_open(command: list[str], tmp_path: Path) -> None:
    seal(b"value", field_id="f", row_id="r", subject=uuid7(), klass="core")
    (tmp_path / "run").mkdir()
    (tmp_path / "other").write_text(f"2:{OTHER_KEY}", encoding="utf-8")
    environment = {
        **os.environ,
        "LEAP_KEY_ENCRYPTION_KEYS_FILE": str(tmp_path / "other"),
        "LEAP_HOME": str(tmp_path),
        "PORT": str(free_port()),
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(here(command), cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None, seconds=60, what="the end")
    finally:
        process.kill()
        process.wait()

    assert process.returncode != 0
    assert "LEAP_KEY_ENCRYPTION_KEYS" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_processes_forked_afterwards_share_no_connection() -> None:
    refuse_to_start()
    assert [each.alias for each in connections.all() if each.connection is not None] == []


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_a_key_store_that_is_down_leaves_the_saying_to_readyz(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connections["keys"].close()
    monkeypatch.setitem(settings.DATABASES["keys"], "HOST", "127.0.0.1")
    monkeypatch.setitem(settings.DATABASES["keys"], "PORT", "1")

    refuse_to_start()

    assert "the key store does not answer" in caplog.text


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else is at work who could be about to write the mark."""
    monkeypatch.setattr("leap.start_checks.IN_FLIGHT", 0.0)


@pytest.mark.usefixtures("at_once")
@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.parametrize(("scope", "lacking"), [("person", "default 1, keys 1, minors 1"), ("key", "keys 1")])
def test_nothing_serves_what_was_restored_from_before_an_erasure(scope: str, lacking: str) -> None:
    refuse_to_start()
    ledger.bury(uuid7(), scope=scope, alias=uuid7())
    with pytest.raises(ImproperlyConfigured, match=rf"\({lacking}\).*manage.py prepare"):
        refuse_to_start()
    replay()
    refuse_to_start()


@pytest.mark.usefixtures("at_once")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_nothing_serves_without_the_ledger_nor_with_an_older_or_altered_one() -> None:
    ledger.bury(uuid7())
    file = Path(ours.ERASURE_LEDGER)
    older = file.read_bytes()
    ledger.bury(uuid7())
    replay()
    newest = file.read_bytes()
    for spoiled in (b"", older):
        file.write_bytes(spoiled)
        with pytest.raises(ImproperlyConfigured, match="older than the databases"):
            refuse_to_start()
    file.write_bytes(newest.replace(b'"klass": "*"', b'"klass": "x"', 1))
    with pytest.raises(ImproperlyConfigured, match="true copy"):
        refuse_to_start()
    file.write_bytes(newest)
    refuse_to_start()
