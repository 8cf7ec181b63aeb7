"""The embedded cluster keeps its roles apart and its log free of values."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import errors

from leap.services.home import Home
from leap.services.postgres import MAX_CONNECTIONS
from leap.services.stores import Companions, start_stores

MARK = "13800138000"  # stands for a person's value


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("cluster") / "home")
    home.make()
    return home


@pytest.fixture(scope="module")
def urls(home: Home) -> Iterator[dict[str, str]]:
    """The URLs of durable stores, as people run them, with a table of the owner's in each database."""
    companions = Companions(home)
    urls = start_stores(home, companions)
    for name in ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE"):
        run(urls[f"{name}_OWNER_URL"], "CREATE TABLE IF NOT EXISTS held (id int PRIMARY KEY, value int)")
    yield urls
    companions.end()
    shutil.rmtree(home.root)


def run(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Runs one statement on a connection of its own."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["DATABASE", "MINORS_DATABASE", "KEYS_DATABASE"])
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE held DISABLE TRIGGER ALL",
        "ALTER TABLE held ADD COLUMN more int",
        "DROP TABLE held",
        "SELECT * FROM held",
        "SET session_replication_role = replica",
        "SET ROLE postgres",
        "CREATE ROLE another",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY held TO PROGRAM 'cat'",
    ],
)
def test_the_app_role_starts_with_nothing(urls: dict[str, str], name: str, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        run(urls[f"{name}_URL"], statement)


@pytest.mark.parametrize(
    "role", ["leap_app", "leap_owner", "minors_app", "minors_owner", "keys_app", "keys_owner"]
)
@pytest.mark.parametrize("database", ["leap", "minors", "keys", "postgres", "template1"])
def test_no_role_enters_another_database(urls: dict[str, str], role: str, database: str) -> None:
    own = next(url for url in urls.values() if f"//{role}:" in url)
    there = own.replace(f"@/{role.rpartition('_')[0]}?", f"@/{database}?")
    if role.startswith(database):
        assert run(there, "SELECT current_user") == [(role,)]
    else:
        with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
            run(there, "SELECT 1")


def test_a_wrong_password_lets_nobody_in(urls: dict[str, str]) -> None:
    there = urls["DATABASE_URL"]
    password = there.split(":", 2)[2].split("@")[0]
    for guess in ("", "wrong"):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            run(there.replace(password, guess), "SELECT 1")


def test_what_is_committed_is_on_disk(urls: dict[str, str]) -> None:
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "listen_addresses": "",
        "log_statement": "none",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "password_encryption": "scram-sha-256",
        "max_connections": str(MAX_CONNECTIONS),
        "server_encoding": "UTF8",
        "data_checksums": "on",
    }
    for name, value in wanted.items():
        assert run(urls["DATABASE_URL"], f"SHOW {name}") == [(value,)], name


def test_letters_are_ordered_and_folded_alike_on_every_machine(urls: dict[str, str]) -> None:
    assert run(urls["DATABASE_URL"], "SELECT lower('ÀΩЖ'), 'Z' < 'a'") == [("àωж", True)]


def test_the_log_repeats_no_value(urls: dict[str, str], home: Home) -> None:
    run(urls["DATABASE_OWNER_URL"], "GRANT ALL ON held TO leap_app")
    run(urls["DATABASE_URL"], "INSERT INTO held VALUES (%s, %s)", 1, 1)
    for statement, values in [
        ("INSERT INTO held VALUES (%s, %s)", (1, int(MARK) % 1000)),
        ("INSERT INTO held VALUES (%s::text::int, 1)", (MARK,)),
        ("SELECT (%s || 'x')::int", (MARK,)),
        ("SELECT * FROM nowhere WHERE phone = %s", (MARK,)),
    ]:
        with pytest.raises(psycopg2.Error):
            run(urls["DATABASE_URL"], statement, *values)

    log = (home.log / "postgres.log").read_text(encoding="utf-8")
    assert "ready to accept connections" in log
    assert MARK not in log
    assert "held" not in log


def test_sockets_are_for_their_owner_alone(home: Home, urls: dict[str, str]) -> None:
    for url in urls["DATABASE_URL"], urls["REDIS_URL"]:
        socket = url.split("host=")[-1].split("://")[-1].split("?")[0]
        folder = Path(socket) if Path(socket).is_dir() else Path(socket).parent
        assert folder.stat().st_mode & 0o077 == 0
