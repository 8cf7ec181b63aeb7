"""Empties the stores after a test that committed: as superuser, since append-only tables refuse others."""

import os

import psycopg2
import redis
from psycopg2.sql import SQL, Identifier

DATABASES = ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE")
# What `prepare` filled and every test may rely on.
REFERENCE = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "courses_campus",
    "courses_city",
    "courses_course",
    "courses_programme",
    "courses_sellingpoint",
    "consent_consentnotice",
}


def empty_databases() -> None:
    """Deletes every row but those of reference tables, in all three databases."""
    for database in DATABASES:
        connection = psycopg2.connect(os.environ[f"{database}_ADMIN_URL"])
        try:
            with connection, connection.cursor() as cursor:
                # Triggers and foreign keys rest: the order doesn't matter, and append-only tables give way.
                cursor.execute("SET session_replication_role = replica")
                cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                for table in sorted({name for (name,) in cursor.fetchall()} - REFERENCE):
                    cursor.execute(SQL("DELETE FROM {}").format(Identifier(table)))
        finally:
            connection.close()


def empty_redis() -> None:
    """Forgets limits and queued tasks, in the tests' own Redis database."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()
