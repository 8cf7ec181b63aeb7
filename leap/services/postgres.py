"""The embedded PostgreSQL: one cluster, three databases, two roles each, a socket and no port."""

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2 import sql

from leap.services import process
from leap.services.home import Home, write_private
from leap.services.place import Place, find_place, short_folder
from leap.services.trouble import CannotStart

DATABASES = {"leap": "DATABASE", "minors": "MINORS_DATABASE", "keys": "KEYS_DATABASE"}
MAX_CONNECTIONS = 120
# The same order and letter rules on every machine, whatever its language.
_INITDB = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
           "--auth=scram-sha-256", "--username=postgres", "--no-instructions"]  # fmt: skip
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": str(MAX_CONNECTIONS),
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "jit": "off",
    "wal_recycle": "off",  # a file of the log kept for reuse would hold what was deleted long ago
    # Statements and details carry people's values; so do the messages of plain errors.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_HASTY = dict.fromkeys(_DURABLE, "off")
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}  # none of our secrets


class Cluster:
    """The cluster of one home. ``durable=False`` trades safety for speed: for tests alone."""

    def __init__(self, home: Home, passwords: dict[str, str] | None = None, *, durable: bool = True) -> None:
        self._home = home
        self.passwords = passwords or {}
        self._durable = durable

    @cached_property
    def place(self) -> Place:
        return find_place(self._home)

    @cached_property
    def socket(self) -> Path:
        return short_folder(self.place.folder / "socket", self.place.account)

    @property
    def exists(self) -> bool:
        """Whether there is data that a lost key would make unreadable."""
        return (self.place.data / "PG_VERSION").exists()

    def create(self) -> None:
        """initdb, in a folder that gets its name once complete: a killed start leaves no half cluster."""
        draft = self.place.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.place.folder / "password.new"
        write_private(secret, self.passwords["postgres"])
        account = self.place.account
        if account:
            account.own(secret)
        try:
            made = subprocess.run(
                [str(self.place.programs / "initdb"), *_INITDB, f"--pwfile={secret}", f"--pgdata={draft}"],
                env=_ENVIRONMENT, cwd="/", stdin=subprocess.DEVNULL,
                capture_output=True, text=True, check=False,
                **(account.popen if account else {}),
            )  # fmt: skip
        finally:
            secret.unlink()
        if made.returncode:
            raise CannotStart(
                f"PostgreSQL could not make its cluster in {self.place.folder}:\n{made.stderr.strip()}"
            )
        draft.rename(self.place.data)

    def program(self) -> process.Program:
        """The server as a direct child: it can be watched, and restarted when killed."""
        self._clear_stale_pid()
        settings = _SETTINGS | (_DURABLE if self._durable else _HASTY)
        settings["unix_socket_directories"] = str(self.socket)
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return process.Program(
            name="postgres",
            command=[str(self.place.programs / "postgres"), "-D", str(self.place.data), *flags],
            environment=_ENVIRONMENT,
            log=self._home.log / "postgres.log",
            account=self.place.account,
            folder=Path("/"),
            stop_signal=signal.SIGINT,  # fast: connections are cut, everything is written
            is_store=True,
        )

    def accepts(self) -> bool:
        """Whether the server takes connections."""
        try:
            with self._superuser("postgres"):
                return True
        except psycopg2.OperationalError:
            return False

    def complete(self) -> None:
        """Makes the databases and roles that are missing; harmless when all are there."""
        with self._superuser("postgres") as cursor:
            cursor.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
            for name in DATABASES:
                for kind in ("owner", "app"):
                    self._ensure_role(cursor, f"{name}_{kind}")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if not cursor.fetchone():
                    cursor.execute(_named("CREATE DATABASE {} OWNER {}", name, f"{name}_owner"))
                cursor.execute(_named("REVOKE ALL ON DATABASE {} FROM PUBLIC", name))
                cursor.execute(_named("GRANT CONNECT ON DATABASE {} TO {}", name, f"{name}_app"))
        for name in DATABASES:
            with self._superuser(name) as cursor:
                cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
                cursor.execute(_named("ALTER SCHEMA public OWNER TO {}", f"{name}_owner"))
                cursor.execute(_named("GRANT USAGE ON SCHEMA public TO {}", f"{name}_app"))

    def urls(self) -> dict[str, str]:
        """The app's and the owner's URL of each database, by the names of their settings."""
        return {
            f"{setting}_{suffix}": self._url(name, f"{name}_{kind}")
            for name, setting in DATABASES.items()
            for kind, suffix in (("app", "URL"), ("owner", "OWNER_URL"))
        }

    def admin_urls(self) -> dict[str, str]:
        """The superuser's URLs, for the tests' clean-up."""
        return {f"{setting}_ADMIN_URL": self._url(name, "postgres") for name, setting in DATABASES.items()}

    def _url(self, database: str, role: str) -> str:
        password = quote(self.passwords[role], safe="")
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.socket), safe='/')}"

    @contextlib.contextmanager
    def _superuser(self, database: str) -> Iterator[Any]:
        connection = psycopg2.connect(self._url(database, "postgres"), connect_timeout=3)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def _ensure_role(self, cursor: Any, role: str) -> None:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if not cursor.fetchone():
            cursor.execute(
                _named("CREATE ROLE {} LOGIN", role) + sql.SQL(" PASSWORD %s"), [self.passwords[role]]
            )

    def _clear_stale_pid(self) -> None:
        """After a reboot the old id may be another program's, and PostgreSQL would wait for that one."""
        if not process.lives_in(self.place.data):
            (self.place.data / "postmaster.pid").unlink(missing_ok=True)


def _named(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
