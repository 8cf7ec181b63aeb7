"""Nothing that is for trying things out ever faces the public."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from kit.workdays import missing_year
from leap.public_checks import refuse_in_public
from leap.services.commands import BEAT, WEB, WORKER, here
from leap.start_checks import refuse_to_start

ROOT = Path(__file__).resolve().parents[2]
PUBLIC: dict[str, Any] = {
    "HTTPS": True,
    "DEBUG": False,
    "SMS_GATEWAY": "real",
    "LIMIT_FACTOR": 1,
    "TRUSTED_PROXIES": ["10.0.0.1"],
}


def serve(settings: Settings, **changed: Any) -> None:
    for name, value in {**PUBLIC, **changed}.items():
        setattr(settings, name, value)
    refuse_in_public()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SMS_GATEWAY": "console"}, "No SMS gateway that sends is configured"),
        ({"SMS_GATEWAY": "memory"}, "No SMS gateway that sends is configured"),
        ({"DEBUG": True}, "LEAP_DEBUG"),
        ({"LIMIT_FACTOR": 1000}, "LEAP_DEMO_LIMITS"),
        ({"TRUSTED_PROXIES": []}, "LEAP_TRUSTED_PROXIES"),
    ],
    ids=str,
)
def test_behind_https_each_is_refused(settings: Settings, changed: dict[str, Any], sentence: str) -> None:
    serve(settings, **{**changed, "HTTPS": False})
    serve(settings)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        serve(settings, **changed)
    with pytest.raises(ImproperlyConfigured, match=sentence):
        refuse_to_start()


def environment(home: Path, **settings: str) -> dict[str, str]:
    public = {"LEAP_PUBLIC_URL": "https://leap.example", "LEAP_TRUSTED_PROXIES": "10.0.0.1", "PORT": "1"}
    return {**os.environ, **public, "LEAP_HOME": str(home), **settings}


@pytest.mark.parametrize("command", [WEB, WORKER, BEAT], ids=["web", "worker", "beat"])
def test_no_process_serves_a_demo_by_https(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    done = subprocess.run(
        here(command),
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "No SMS gateway that sends is configured" in done.stdout + done.stderr


def managed(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_nor_are_tables_made_for_one(tmp_path: Path) -> None:
    done = managed(tmp_path, "prepare")
    assert done.returncode == 1
    assert "No SMS gateway that sends is configured" in done.stderr
    assert "migrating" not in done.stdout


def test_the_deploy_check_says_the_same_and_nothing_else(tmp_path: Path) -> None:
    done = managed(tmp_path, "check", "--deploy", "--fail-level", "WARNING", LEAP_TRUSTED_PROXIES="")
    assert done.returncode == 1
    found = {line.split("(")[1].split(")")[0] for line in done.stderr.splitlines() if line.startswith("?: (")}
    in_december = {"rights.W001"} if missing_year(timezone.localdate()) else set()
    assert found == {"messaging.E001", "leap.E002"} | in_december, done.stderr


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("path", ["/dev/sms/", "/dev/sms.json?phone=13800138000"])
def test_the_demo_inbox_is_not_there_by_https(settings: Settings, path: str) -> None:
    assert Client().get(path).status_code == 200
    settings.HTTPS = True
    assert Client().get(path).status_code == 404
