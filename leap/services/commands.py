"""How our own processes are started, and what a `manage.py` command needs around it."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from leap.services import leftovers, process
from leap.services.home import Home
from leap.services.keyring import Keyring
from leap.services.stores import URL_SETTINGS, Companions, all_given, placeholders, start_stores
from leap.services.trouble import CannotStart

# The same words stand in docker-compose.yml.
WEB = ["python", "-m", "gunicorn", "--config", "leap/gunicorn_conf.py", "leap.wsgi:application"]
WORKER = ["python", "-m", "celery", "--app", "leap.celery", "worker", "--without-gossip", "--without-mingle"]
BEAT = ["python", "-m", "celery", "--app", "leap.celery", "beat"]
PREPARE = ["python", "manage.py", "prepare"]

AS_OWNER = {
    "migrate", "makemigrations", "prepare", "restore", "showmigrations", "sqlmigrate", "squashmigrations",
}  # fmt: skip
_STORELESS = {
    "check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages",
    "privacy_inventory", "spectacular", "startapp", "up", "verify_certificate", "version",
}  # fmt: skip
_PATIENCE = 60.0  # seconds a command waits for another one that is starting or ending the services


def here(command: Sequence[str]) -> list[str]:
    """``command`` with the interpreter that runs us."""
    return [sys.executable, *command[1:]]


def touches_stores(arguments: Sequence[str]) -> bool:
    """Whether the command line after `manage.py` reads or writes a store."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    if arguments[0] == "check":
        return any(word.startswith("--database") for word in arguments)
    if arguments[0] == "makemigrations":
        return "--check" not in arguments
    return arguments[0] not in _STORELESS


@contextlib.contextmanager
def services_for(arguments: Sequence[str]) -> Iterator[None]:
    """Fills the environment for one command, with services of its own if none run; stops what it started."""
    if arguments and arguments[0] in AS_OWNER:
        os.environ["LEAP_DATABASE_ROLE"] = "owner"
    home = Home.here()
    if all_given():
        yield
    elif not touches_stores(arguments):
        os.environ.update(placeholders(home))
        yield
    else:
        home.make()
        with _shared(home) as running:
            if running:
                yield
                return
        with _own(home, prepared=arguments[0] not in AS_OWNER):
            yield


@contextlib.contextmanager
def _shared(home: Home) -> Iterator[bool]:
    """True when another process runs the services, which stay while we use them. False: the home is ours."""
    with contextlib.ExitStack() as visit:

        def joined() -> bool:
            if home.hold():
                return True
            visit.enter_context(home.visit())
            if home.read_env():
                return True
            visit.close()
            return False

        if not process.poll(joined, _PATIENCE):
            raise CannotStart(
                f"Another process is starting or ending the services of {home.root}. Try again then."
            )
        running = not home.is_ours
        if running:
            os.environ.update(Keyring(home).settings(os.environ, data_exists=True) | home.read_env())
        yield running


@contextlib.contextmanager
def _own(home: Home, *, prepared: bool) -> Iterator[None]:
    """Starts the services for one command. ``prepared``: with today's tables, whatever the home held."""
    companions = Companions(home)
    with contextlib.redirect_stdout(sys.stderr):  # the command's own output stays clean
        leftovers.clear(home)
        try:
            os.environ.update(start_stores(home, companions))
            home.write_env({name: os.environ[name] for name in URL_SETTINGS})
            if prepared:
                _prepare(home)
        except BaseException:
            _leave(home, companions)
            raise
    try:
        yield
    finally:
        _leave(home, companions)


def _prepare(home: Home) -> None:
    program = process.Program("prepare", here(PREPARE), dict(os.environ), log=home.log / "prepare.log")
    step = process.spawn(program)
    if step.wait():
        raise CannotStart(
            f"The databases could not be prepared. {program.log}:\n{process.tail(home.log / 'prepare.log')}"
        )


def _leave(home: Home, companions: Companions) -> None:
    home.env_file.unlink(missing_ok=True)
    home.wait_for_visitors()
    companions.end()
    home.forget_run()
    home.let_go()


def server_environment(secrets_and_urls: dict[str, str]) -> dict[str, str]:
    """The environment of a serving process: without the URLs that could change tables."""
    merged = {**os.environ, **secrets_and_urls, "PYTHONUNBUFFERED": "1"}
    withheld = ("_OWNER_URL", "_OWNER_URL_FILE", "_ADMIN_URL")
    return {name: value for name, value in merged.items() if not name.endswith(withheld)} | {
        "LEAP_DATABASE_ROLE": "app",
        "DJANGO_SETTINGS_MODULE": "leap.settings",
    }
