"""A product of the bench's own: own home, own stores, the web server as it is served, on a free port."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.shown import Shown
from leap.services import process
from leap.services.commands import PREPARE, WEB, WORKER, here, server_environment
from leap.services.home import BASE_DIR, Home
from leap.services.keyring import Keyring
from leap.services.postgres import Cluster
from leap.services.progress import step
from leap.services.stores import Companions, start_stores
from leap.services.trouble import CannotStart

# What the caller's own product may have put into the environment.
_OURS = ("DATABASE", "MINORS_", "KEYS_", "REDIS_", "LEAP_", "DJANGO_", "PORT")
_PATIENCE = 60.0  # seconds until the web server answers


def forget_settings() -> None:
    """Leaves nothing in the environment that would lead to somebody else's data."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        del os.environ[name]


class Product:
    """Stores that were prepared and hold the demo's data; the web server comes and goes."""

    def __init__(self, home: Home, environment: dict[str, str]) -> None:
        self.home = home
        self.environment = environment

    @contextlib.contextmanager
    def serving(self, settings: str = "bench.settings") -> Iterator[int]:
        """The web server with those settings, as `manage.py up` starts it; its port."""
        port = _free_port()
        environment = server_environment({**self.environment, "PORT": str(port), "LEAP_PUBLIC_URL": ""})
        # Settings given on the command line outweigh those of the file.
        command = [*here(WEB), "--env", f"DJANGO_SETTINGS_MODULE={settings}"]
        web = Companions(self.home)
        log = self.home.log / "web.log"
        try:
            web.add(lambda: process.Program("web", command, environment, log=log))
            web.wait_until(lambda: _answers(port), _PATIENCE, "The web server did not answer")
            yield port
        finally:
            web.end()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """One worker, as `manage.py up` starts it."""
        worker = Companions(self.home)
        environment = server_environment(self.environment)
        try:
            log = self.home.log / "worker.log"
            worker.add(lambda: process.Program("worker", here(WORKER), environment, log=log))
            yield
        finally:
            worker.end()

    def prepare(self) -> None:
        """Tables, catalogue, static files and the demo's data."""
        done = subprocess.run(
            [*here(PREPARE), "--static", "--demo"],
            cwd=BASE_DIR,
            env={**self.environment, "LEAP_DATABASE_ROLE": "owner"},
            check=False,
        )
        if done.returncode:
            raise CannotStart("The product of the bench could not be prepared; the reason stands above.")

    def fill(self, bookings: int) -> Shown:
        """So many bookings more; what to look at."""
        return Shown(**self.told(["bench.fill", str(bookings)]))

    def told(self, module: list[str], *, given: Any = None) -> dict[str, Any]:
        """What a module of the bench, run in this product, has made of its arguments and input."""
        done = subprocess.run(
            here(["python", "-m", *module]),
            cwd=BASE_DIR,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "bench.settings"},
            input=json.dumps(given).encode(),
            stdout=subprocess.PIPE,  # its progress goes to the console by the other way
            check=False,
        )
        if done.returncode:
            raise CannotStart(f"{module[0]} could not be made; the reason stands above.")
        made: dict[str, Any] = json.loads(done.stdout)
        return made


@contextlib.contextmanager
def product() -> Iterator[Product]:
    """A new product, gone without a trace at the end."""
    home = Home(Path(tempfile.mkdtemp(prefix="leap-bench-")))
    home.root.chmod(0o755)  # PostgreSQL's user may pass; its folders stay closed
    home.make()
    stores = Companions(home)
    try:
        found = start_stores(home, stores)
        cluster = Cluster(home)
        cluster.passwords = Keyring(home).passwords(data_exists=True)
        # One machine is all the parents there are.
        limits = {"LEAP_DEMO_LIMITS": "relaxed"}
        made = Product(home, {**os.environ, **limits, **found, **cluster.admin_urls()})
        made.prepare()
        yield made
    finally:
        stores.end()
        shutil.rmtree(home.root, ignore_errors=True)


@contextlib.contextmanager
def filled(*, bookings: int) -> Iterator[tuple[Product, Shown]]:
    """A new product that holds so many bookings, and what of it to look at."""
    with product() as made:
        with step(f"{bookings:,} bookings: filling in"):
            shown = made.fill(bookings)
        yield made, shown


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False
