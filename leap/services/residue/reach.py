"""Which stores this process can look into, and with whose rights."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg2

from leap.services.home import Home
from leap.services.keyring import Keyring
from leap.services.place import find_place, wheel_programs
from leap.services.postgres import DATABASES, Cluster


@dataclass(frozen=True)
class Reach:
    """``data`` is None where PostgreSQL's files lie on a server of their own."""

    home: Home
    redis_url: str = field(repr=False)
    urls: Mapping[str, str] = field(repr=False)  # by database; a superuser's, else the owner's, else none
    programs: Path
    data: Path | None = None

    @classmethod
    def here(cls) -> Reach:
        """Of the home and the stores that the environment names."""
        home, environment = Home.here(), os.environ
        cluster = Cluster(home)
        if cluster.exists and _socket_of(environment.get("DATABASE_URL", "")) == str(cluster.socket):
            cluster.passwords = Keyring(home).passwords(data_exists=True)
            admin = cluster.admin_urls()
            urls = {name: admin[f"{setting}_ADMIN_URL"] for name, setting in DATABASES.items()}
            place = find_place(home)
            return cls(home, environment["REDIS_URL"], urls, place.programs, place.data)
        owned = {name: environment.get(f"{setting}_OWNER_URL", "") for name, setting in DATABASES.items()}
        return cls(home, environment["REDIS_URL"], {n: u for n, u in owned.items() if u}, wheel_programs())

    @property
    def redis_folder(self) -> Path | None:
        """Where Redis has its files, if it is the home's own."""
        folder = self.home.root / "redis"
        return folder if urlsplit(self.redis_url).scheme == "unix" and folder.is_dir() else None

    @contextlib.contextmanager
    def cursor(self, database: str) -> Iterator[Any]:
        """Statements that end by themselves, each its own transaction."""
        connection = psycopg2.connect(self.urls[database], connect_timeout=5)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()


def for_program(url: str) -> tuple[list[str], dict[str, str]]:
    """How PostgreSQL's own programs are told of a database: arguments, and the password apart from them."""
    parts = urlsplit(url)
    host = _socket_of(url) or parts.hostname or ""
    arguments = ["--host", host, "--username", unquote(parts.username or ""), "--dbname", parts.path[1:]]
    if parts.port:
        arguments += ["--port", str(parts.port)]
    return arguments, {
        "PGPASSWORD": unquote(parts.password or ""),
        "LC_ALL": "C",
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
    }


def _socket_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("host", [""])[0]
