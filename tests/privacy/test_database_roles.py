"""The app role of each database: what its tables are due, exactly, and no owner's right."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connections
from psycopg2.extensions import connection as Connection  # noqa: N812  a class in a lower-case name

from privacy.inventory import registry

ROOT = Path(__file__).resolve().parents[2]
URLS = {"default": "DATABASE", "minors": "MINORS_DATABASE", "keys": "KEYS_DATABASE"}
RIGHTS = """
SELECT table_name, array_agg(privilege_type::text) FROM information_schema.role_table_grants
WHERE grantee = %s AND table_schema = 'public' GROUP BY 1
"""
GRANT = "import django; django.setup(); from leap.databases import grant_app_role; grant_app_role({alias!r})"


@pytest.fixture(params=list(URLS))
def alias(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def superuser(alias: str) -> Iterator[Connection]:
    connection = psycopg2.connect(os.environ[f"{URLS[alias]}_ADMIN_URL"])
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


def rights(superuser: Connection, role: str) -> dict[str, set[str]]:
    with superuser.cursor() as cursor:
        cursor.execute(RIGHTS, [role])
        return {table: set(held) for table, held in cursor.fetchall()}


def grant(alias: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", GRANT.format(alias=alias)],
        cwd=ROOT,
        env={**os.environ, "LEAP_DATABASE_ROLE": "owner", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def due(alias: str) -> dict[str, set[str]]:
    here = [m for m in registry.models() if settings.APP_DATABASES.get(m._meta.app_label, "default") == alias]
    tables = {
        # Rights on some columns alone, `UPDATE (before)`, are none on the table.
        model._meta.db_table: {right for right in registry.app_rights(model) if "(" not in right}
        for model in here
        if not model._meta.proxy
    }
    return {**tables, "django_migrations": {"SELECT"}}


def test_the_app_role_holds_what_is_due_and_nothing_else(alias: str, superuser: Connection) -> None:
    assert rights(superuser, str(settings.DATABASES[alias]["USER"])) == due(alias)


def test_the_grants_that_matter_most() -> None:
    assert due("default")["audit_auditevent"] == {"SELECT", "INSERT"}
    assert due("default")["consent_consentrecord"] == {"SELECT", "INSERT"}
    assert due("default")["django_admin_log"] == {"SELECT", "DELETE"}
    assert due("keys") == {
        "keystore_subjectkey": {"SELECT", "INSERT", "UPDATE", "DELETE"},  # only what is buried goes
        "keystore_keyepoch": {"SELECT", "INSERT", "UPDATE"},
        "keystore_keyrotation": {"SELECT", "INSERT", "UPDATE"},
        "keystore_burial": {"SELECT", "INSERT"},
        "keystore_stepdone": {"SELECT", "INSERT", "UPDATE"},
        "django_migrations": {"SELECT"},
    }
    assert due("minors") == {
        "minors_child": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "minors_guardianship": {"SELECT", "INSERT", "DELETE"},
        # Never changed but for the sealed columns, which new keys seal anew; goes with the child.
        "minors_childcorrection": {"SELECT", "INSERT", "DELETE"},
        "minors_guardianinvitation": {"SELECT", "INSERT", "UPDATE", "DELETE"},
        "minors_stepdone": {"SELECT", "INSERT", "UPDATE"},
        "minors_ledgermark": {"SELECT", "INSERT"},
        "django_migrations": {"SELECT"},
    }


def test_granting_again_changes_nothing_and_takes_back_what_is_not_due(
    alias: str, superuser: Connection
) -> None:
    app = str(settings.DATABASES[alias]["USER"])
    with superuser.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE, TRUNCATE ON django_migrations TO {app}")
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {app}")
        assert rights(superuser, app) != due(alias)
        for _ in range(2):
            done = grant(alias)
            assert done.returncode == 0, done.stderr
            assert rights(superuser, app) == due(alias)
        cursor.execute("SELECT has_schema_privilege(%s, 'public', 'CREATE')", [app])
        assert cursor.fetchone() == (False,)


def test_one_role_for_both_is_refused(alias: str) -> None:
    done = grant(alias, **{f"{URLS[alias]}_URL": os.environ[f"{URLS[alias]}_OWNER_URL"]})
    assert done.returncode == 1
    assert "role of its own" in done.stderr


@pytest.mark.django_db(databases="__all__")
def test_the_app_owns_nothing_and_is_nobody_special(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON relowner = r.oid WHERE rolname = CURRENT_USER"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = CURRENT_USER"
        )
        assert cursor.fetchone() == (False,) * 5
        owner = "leap_owner" if alias == "default" else f"{alias}_owner"
        cursor.execute("SELECT pg_has_role(CURRENT_USER, %s, 'MEMBER')", [owner])
        assert cursor.fetchone() == (False,)
