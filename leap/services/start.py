"""`manage.py up`: from an empty folder to pages that answer, in the foreground until a signal."""

import contextlib
import errno
import http.client
import json
import os
import secrets
import socket
import sys

from django.core.exceptions import ImproperlyConfigured

from leap.env import env_port, env_str
from leap.services import leftovers
from leap.services.commands import BEAT, PREPARE, WEB, WORKER, here, server_environment
from leap.services.home import Home
from leap.services.keyring import is_given
from leap.services.process import Program
from leap.services.progress import say, step
from leap.services.stores import URL_SETTINGS, all_given, start_stores
from leap.services.supervisor import Supervisor
from leap.services.terminal import to_ourselves
from leap.services.trouble import CannotStart, Stopped

_PATIENCE = 90.0  # seconds from starting our processes to all of them answering


def main() -> int:
    """Runs until a signal. Returns 0 after one, 1 with a sentence when the start has to stop."""
    home = Home.here()
    try:
        home.make()
        if not home.hold():
            raise CannotStart(_already_running(home))
        leftovers.clear(home)
        _check_port()
        with to_ourselves():
            return _serve(home)
    except (CannotStart, ImproperlyConfigured) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1


def _serve(home: Home) -> int:
    supervisor = Supervisor(home)
    home.write_pid("supervisor", os.getpid())
    try:
        _start(home, supervisor)
        supervisor.watch()
    except Stopped:
        say("stopping")
    finally:
        home.env_file.unlink(missing_ok=True)
        supervisor.end()
        home.forget_run()
    return 0


def _start(home: Home, supervisor: Supervisor) -> None:
    given = all_given()
    found = {} if given else start_stores(home, supervisor)
    start_id = secrets.token_hex(8)
    found |= {"LEAP_START_ID": start_id, "LEAP_HOME": str(home.root), "PORT": str(_port())}
    known = {**os.environ, **found}
    urls = {name: known[name] for name in URL_SETTINGS if name in known}
    home.write_env(urls | {"LEAP_START_ID": start_id, "PORT": str(_port())})
    if given and not is_given(os.environ, "DATABASE_OWNER_URL"):
        say("databases: no *_OWNER_URL given, so `manage.py prepare` is left to whoever has it")
    else:
        demo = [] if given else ["--demo"]
        supervisor.run(Program("prepare", [*here(PREPARE), "--static", *demo], {**os.environ, **found}))
    environment = server_environment(found)
    with step("web, worker, beat: starting"):
        for name, command in (("web", WEB), ("worker", WORKER)):
            supervisor.keep(Program(name, here(command), environment, log=home.log / f"{name}.log"))
        supervisor.wait_until(_is_ready, _PATIENCE, "Not everything answered")
        # Last: nobody waits for it, and all three loading at once take longer.
        supervisor.keep(Program("beat", here(BEAT), environment, log=home.log / "beat.log"))
    say(f"ready: http://{_address()}:{_port()}")
    with contextlib.suppress(FileNotFoundError):
        say((home.root / "demo-logins.txt").read_text(encoding="utf-8").rstrip("\n"))


def _port() -> int:
    return env_port("PORT", 8000)


def _address() -> str:
    """Where we listen, as we reach it ourselves."""
    bound = env_str("LEAP_BIND", "127.0.0.1")
    return "127.0.0.1" if bound == "0.0.0.0" else bound  # noqa: S104  compared, not bound


def _check_port() -> None:
    """Raises CannotStart when somebody else listens where we want to."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((env_str("LEAP_BIND", "127.0.0.1"), _port()))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {_port()} is taken by another program. Stop it, or choose another port"
            else:
                reason = f"Port {_port()} cannot be used ({error.strerror}). Choose another"
            raise CannotStart(f"{reason}: PORT={_port() + 1} make run") from error


def _is_ready() -> bool:
    """Whether every store, and the worker of this very start, answers."""
    connection = http.client.HTTPConnection(_address(), _port(), timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "127.0.0.1"})
        return bool(json.loads(connection.getresponse().read()).get("status") == "ok")
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _already_running(home: Home) -> str:
    running = home.read_env()
    pid = home.pids().get("supervisor")
    if pid is None:
        return f"A command is using the services of {home.root} at this moment. Try again when it has ended."
    where = f" on port {running['PORT']}" if "PORT" in running else ""
    return (
        f"{home.root} is already being served{where} by process {pid}. "
        "Stop that one, or set LEAP_HOME and PORT for a second."
    )
