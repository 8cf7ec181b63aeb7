"""Starting and ending: what a newcomer, a second start and an operator's signal meet."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Live, new_home
from tests.waiting import until

pytestmark = pytest.mark.processes


def processes_of(home: Path) -> set[int]:
    """Every process that works in a home, or was started for it."""
    places = {home, (home / "pg").resolve()}
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            folder = (entry / "cwd").readlink()
            ours = f"LEAP_HOME={home}".encode() in (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours or any(folder.is_relative_to(place) for place in places):
            found.add(int(entry.name))
    return found


def start_anew(product: Live) -> None:
    """Starts it with nothing left of what an earlier start said."""
    product.log.write_text("", encoding="utf-8")
    product.start()


def refusal(product: Live) -> str:
    """What a start says that has to stop; fails when it goes on."""
    done = subprocess.run(
        [sys.executable, "manage.py", "up"],
        cwd=Path(__file__).parents[2], env=product.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def product() -> Iterator[Live]:
    """A home that these tests, in order, start and end again and again."""
    product = Live(new_home())
    yield product
    if product.process and not product.ended():
        product.stop()
    shutil.rmtree(product.home.parent)


def test_first_start_in_a_closed_folder(product: Live) -> None:
    assert product.home.parent.stat().st_mode & 0o777 == 0o700
    product.start()

    assert product.ready() == dict.fromkeys(["status", "default", "minors", "keys", "redis", "worker"], "ok")
    assert "postgres: creating the cluster… done" in product.said()
    assert f"ready: {product.url}\nlogin: " in product.said()
    assert product.home.parent.stat().st_mode & 0o777 == 0o700, "the way in was opened to others"


def test_what_is_secret_is_private(product: Live) -> None:
    for path in [
        *(product.home / "keys").iterdir(),
        product.home / "run" / "env",
        product.home / "demo-logins.txt",
    ]:
        assert path.stat().st_mode & 0o077 == 0, path
    for name in ("keys", "run", "log", "redis", "backups", "media"):
        assert (product.home / name).stat().st_mode & 0o077 == 0, name
    assert (product.home / "pg").resolve().stat().st_mode & 0o077 == 0


def test_serving_processes_have_no_owner_url(product: Live) -> None:
    for name in ("web", "worker", "beat"):
        environment = Path(f"/proc/{product.pid(name)}/environ").read_bytes()
        assert b"LEAP_HOME=" in environment
        assert b"_OWNER_URL=" not in environment


def test_a_second_start_on_a_living_home_is_refused(product: Live) -> None:
    said = refusal(product)

    assert "is already being served" in said
    assert str(product.port) in said
    assert product.ready()["status"] == "ok"


def test_a_command_uses_the_running_stores(product: Live) -> None:
    before = processes_of(product.home)
    done = product.command(
        "shell", "--no-imports", "--command", "from courses.models import City; print(City.objects.count())"
    )

    assert done.stdout.strip() == "78", done.stderr
    assert processes_of(product.home) == before


def test_sigterm_ends_everything(product: Live) -> None:
    assert product.stop() == 0, product.said()
    assert processes_of(product.home) == set()
    assert not list((product.home / "run").glob("*.pid"))
    assert not (product.home / "run" / "env").exists()


def test_a_second_start_changes_nothing(product: Live) -> None:
    logins = (product.home / "demo-logins.txt").read_text(encoding="utf-8")
    keys = {path.name: path.read_bytes() for path in (product.home / "keys").iterdir()}
    start_anew(product)

    assert "creating the cluster" not in product.said()
    assert product.said().endswith(logins)
    assert {path.name: path.read_bytes() for path in (product.home / "keys").iterdir()} == keys


def test_a_killed_supervisor_takes_everything_along(product: Live) -> None:
    assert product.process is not None
    product.process.kill()
    product.process.wait()

    until(lambda: processes_of(product.home) == set(), seconds=30, what="no process left")
    assert (product.home / "run" / "web.pid").exists()


def test_the_start_after_it_clears_away_and_serves(product: Live) -> None:
    start_anew(product)
    assert "An earlier start was cut short; its pid files were cleared away" in product.said()
    product.wait_ready()


def test_two_signals_end_it_as_well_as_one(product: Live) -> None:
    assert product.process is not None
    product.process.send_signal(signal.SIGINT)
    product.process.send_signal(signal.SIGTERM)

    assert product.process.wait(timeout=20) == 0, product.said()
    assert processes_of(product.home) == set()


def test_a_command_starts_the_stores_it_needs_and_stops_them(product: Live) -> None:
    done = product.command(
        "shell", "--no-imports", "--command", "from courses.models import City; print(City.objects.count())"
    )

    assert done.stdout.strip() == "78", done.stderr
    assert processes_of(product.home) == set()
    assert not (product.home / "run" / "env").exists()


def test_commands_that_need_no_store_start_none(product: Live) -> None:
    done = product.command("check")

    assert done.returncode == 0, done.stderr
    assert "starting" not in done.stdout + done.stderr


def test_a_taken_port_is_said_before_anything_starts(product: Live) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", product.port))
        other.listen()
        said = refusal(product)

    assert f"Port {product.port} is taken by another program" in said
    assert "PORT=" in said
    assert processes_of(product.home) == set()


def test_a_stale_pid_file_is_no_obstacle(product: Live) -> None:
    """The id may long be another program's: here it is this test's."""
    (product.home / "run" / "web.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    start_anew(product)

    assert "pid files were cleared away (web)" in product.said()
    assert product.stop() == 0


@pytest.mark.parametrize(
    "name",
    [
        "LEAP_KEY_ENCRYPTION_KEYS",
        "LEAP_MINORS_KEY_ENCRYPTION_KEYS",
        "LEAP_LEDGER_KEY",
        "LEAP_INDEX_KEY",
        "database-passwords",
    ],
)
def test_data_without_its_key_stops_the_start(product: Live, name: str) -> None:
    key = product.home / "keys" / name
    kept = key.read_bytes()
    key.unlink()
    try:
        said = refusal(product)
        assert str(key) in said
        assert "Put the file back" in said
        assert not key.exists(), "a new key over old data"
        assert processes_of(product.home) == set()
    finally:
        key.write_bytes(kept)
        key.chmod(0o600)


def test_too_few_connections_stop_the_start(product: Live) -> None:
    product.environment["LEAP_WEB_THREADS"] = "100"
    with pytest.raises(AssertionError, match="LEAP_WEB_THREADS"):
        start_anew(product)
    assert product.process is not None
    assert product.process.wait(timeout=20) == 1
    del product.environment["LEAP_WEB_THREADS"]


def test_a_wrong_setting_stops_the_start_in_plain_words(product: Live) -> None:
    product.environment["LEAP_DEBUG"] = "perhaps"
    with pytest.raises(AssertionError, match="neither yes nor no"):
        start_anew(product)
    del product.environment["LEAP_DEBUG"]
