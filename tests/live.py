"""The product as people run it: `manage.py up` in a home of its own, for tests that need all its processes."""

import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent
# What a newcomer's shell would not hold either.
_OURS = ("DATABASE", "MINORS_", "KEYS_", "REDIS_URL", "LEAP_", "DJANGO_", "PORT")


class Live:
    """One running product."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        bare = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        awake = {"LEAP_WAKING_HOURS": "0-24"}  # whatever hour the tests run at
        self.environment = {**bare, **awake, "LEAP_HOME": str(home), "PORT": str(self.port), **settings}
        self.log = home.parent / f"{home.name}.up.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.codes_seen: Counter[str] = Counter()

    def start(self) -> None:
        """Start and wait until it says that it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        until(lambda: self.ended() or "ready: http" in self.said(), seconds=120, what="ready")
        assert not self.ended(), self.said()

    def stop(self) -> int:
        """End it as Ctrl-C would; its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8")

    def pid(self, name: str) -> int:
        """The process id of postgres, redis, web, worker or beat."""
        return int((self.home / "run" / f"{name}.pid").read_text(encoding="utf-8"))

    def kill(self, name: str) -> int:
        """Kill one process without warning; the id it had."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def ready(self) -> dict[str, str]:
        """What /readyz says; empty while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                state: dict[str, str] = json.load(answer)
        except urllib.error.HTTPError as answer:
            state = json.load(answer)
        except (OSError, http.client.HTTPException):
            state = {}
        return state

    def wait_ready(self, seconds: float = 40) -> float:
        """Wait until everything answers again; the seconds it took."""
        return until(lambda: self.ready().get("status") == "ok", seconds=seconds, what="all of /readyz")

    def settings(self) -> dict[str, str]:
        """The addresses of the stores in use."""
        lines = (self.home / "run" / "env").read_text(encoding="utf-8").splitlines()
        pairs = (line.removeprefix("export ").partition("=") for line in lines if "=" in line)
        return {name: value.strip("'\"") for name, _, value in pairs}

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What SQL answers in the app database, as the app role; a change is committed."""
        connection = psycopg2.connect(self.settings()["DATABASE_URL"])
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside the running product."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def forget_limits(self) -> None:
        """Let the next codes through, as if an hour had passed."""
        with redis.Redis.from_url(self.settings()["REDIS_URL"]) as client:
            for key in client.scan_iter("leap:limit:*"):
                client.delete(key)

    def messages(self, phone: str) -> list[dict[str, Any]]:
        """What the demo inbox shows for a number, the newest first."""
        query = urllib.parse.urlencode({"phone": phone})
        with urllib.request.urlopen(f"{self.url}/dev/sms.json?{query}", timeout=10) as answer:
            rows: list[dict[str, Any]] = json.load(answer)
        return rows

    def code_for(self, phone: str, seconds: float = 45) -> str:
        """The next code sent to a number since this was asked last, once it has arrived."""

        def codes() -> list[str]:
            return [row["code"] for row in self.messages(phone) if row["code"]]

        until(lambda: len(codes()) > self.codes_seen[phone], seconds=seconds, what="a code")
        self.codes_seen[phone] = len(codes())
        return codes()[0]

    def wait_for_text(self, phone: str, pattern: str, seconds: float = 45) -> str:
        """The first match of ``pattern`` in any message to a number, once it has arrived."""

        def found() -> list[str]:
            return [match[0] for row in self.messages(phone) if (match := re.search(pattern, row["text"]))]

        until(found, seconds=seconds, what=pattern)
        return found()[0]


def new_home() -> Path:
    """A folder that only its owner can enter, as a newcomer's may be."""
    folder = Path(tempfile.mkdtemp(prefix="leap-live-"))
    return folder / f"home-{secrets.token_hex(2)}"


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """One running product for all tests that do it no harm."""
    running = Live(new_home())
    running.start()
    yield running
    assert running.stop() == 0, running.said()
    shutil.rmtree(running.home.parent)
