"""Empties the stores after a test that committed: as superuser, since append-only tables refuse others."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import redis
from django.conf import settings
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class of a lower-case name
from psycopg2.sql import SQL, Identifier

DATABASES = ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE")
# What `prepare` filled and every test may rely on.
REFERENCE = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "courses_campus",
    "courses_catalogueline",
    "courses_city",
    "courses_course",
    "courses_programme",
    "courses_room",
    "courses_sellingpoint",
    "courses_teacher",
    "consent_consentnotice",
    "consent_operatordata",
    "website_ability",
    "website_friendlink",
    "website_sitetext",
}

_prepared: dict[tuple[str, str], str] = {}  # database and table → its rows as `prepare` left them


def empty_databases() -> None:
    """Deletes every row in all three databases, but puts reference tables back as `prepare` left them."""
    for database in DATABASES:
        with everything_allowed(database) as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for table in sorted(name for (name,) in cursor.fetchall()):
                if table in REFERENCE:
                    _put_back(cursor, database, table)
                else:
                    cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))


def empty_ledger() -> None:
    """Nobody was ever buried, as far as these databases know: their marks are gone too, or never committed."""
    Path(settings.ERASURE_LEDGER).unlink(missing_ok=True)


def empty_redis() -> None:
    """Forgets limits and queued tasks, in the tests' own Redis database."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()


@contextmanager
def everything_allowed(database: str) -> Iterator[Cursor]:
    """A transaction in which triggers and foreign keys rest: the order of tables doesn't matter."""
    connection = psycopg2.connect(os.environ[f"{database}_ADMIN_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            yield cursor
    finally:
        connection.close()


def _put_back(cursor: Cursor, database: str, table: str) -> None:
    """The first call of a run remembers the rows; later ones write them again where a test changed any."""
    now = io.StringIO()
    cursor.copy_expert(SQL("COPY (SELECT * FROM {} ORDER BY 1) TO STDOUT").format(Identifier(table)), now)
    rows = _prepared.setdefault((database, table), now.getvalue())
    if rows != now.getvalue():
        cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))
        cursor.copy_expert(SQL("COPY {} FROM STDIN").format(Identifier(table)), io.StringIO(rows))
