"""No process serves data whose keys it has not got, nor does one that serves keep a connection to share."""

import base64
import os
import socket
import subprocess
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from kit.uuid7 import uuid7
from leap.services.commands import BEAT, WEB, WORKER, here
from leap.start_checks import refuse_to_start
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
    environment = {
        **os.environ,
        "LEAP_KEY_ENCRYPTION_KEYS": f"2:{OTHER_KEY}",
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
