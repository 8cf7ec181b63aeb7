"""Gives a test run its stores before Django's settings load: those of the environment, or embedded ones."""

import atexit
import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "leap.settings"
BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

from leap.services.home import Home  # noqa: E402  not importable before
from leap.services.keyring import Keyring  # noqa: E402
from leap.services.postgres import Cluster  # noqa: E402
from leap.services.stores import Companions, start_stores  # noqa: E402
from leap.services.trouble import CannotStart  # noqa: E402

# Names what this run set because it started stores of its own. Each process that it has tests run in then
# starts its own too: two that empty the same tables would run into each other.
_MADE = "LEAP_TEST_MADE"
_running = contextlib.ExitStack()
atexit.register(_running.close)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """Earlier than pytest-django, which reads the settings in the same hook."""
    os.environ["LEAP_SMS_GATEWAY"] = "memory"
    os.environ.pop("LEAP_DEMO_LIMITS", None)
    for name in os.environ.pop(_MADE, "").split():
        del os.environ[name]
    try:
        if "DATABASE_URL" not in os.environ:
            _start_own()
        elif "PYTEST_XDIST_WORKER" in os.environ:
            raise pytest.UsageError("Stores that are given serve one process of tests: add ARGS='-n 0'.")
        _prepare()
    except CannotStart as trouble:
        raise pytest.UsageError(str(trouble)) from trouble
    os.environ["LEAP_DATABASE_ROLE"] = "app"
    return (yield)


def pytest_unconfigure() -> None:
    _running.close()


def _start_own() -> None:
    """Stores in a temporary home. They need not survive a power cut, so they don't wait for the disk."""
    home = Home(Path(tempfile.mkdtemp(prefix="leap-test-")))
    home.root.chmod(0o755)  # PostgreSQL's user may pass; its folders stay closed
    home.make()
    companions = Companions(home)
    _running.callback(shutil.rmtree, home.root, ignore_errors=True)
    _running.callback(companions.end)
    with contextlib.redirect_stdout(io.StringIO()):
        found = start_stores(home, companions, durable=False)
    cluster = Cluster(home)
    cluster.passwords = Keyring(home).passwords(data_exists=True)
    found |= cluster.admin_urls()
    os.environ.update(found, **{_MADE: " ".join(found)})


def _prepare() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "prepare", "--static"],
        cwd=BASE_DIR,
        env={**os.environ, "LEAP_DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotStart(f"The databases of the tests could not be prepared:\n{done.stdout}{done.stderr}")
