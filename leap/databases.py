"""Which app lives in which database, and what each database's app role may do there."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router, transaction
from django.db.models import Model

from leap.env import env_database
from privacy.inventory.registry import app_rights, models


def database_of(app_label: str) -> str:
    """The alias of the one database an app's tables live in."""
    return str(settings.APP_DATABASES.get(app_label, "default"))


class OneAppOneDatabase:
    """One app, one database: the only routing rule simple enough to trust. No relation crosses."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        return database_of(model._meta.app_label)

    db_for_write = db_for_read

    def allow_relation(self, obj1: Model, obj2: Model, **hints: Any) -> bool:
        return database_of(obj1._meta.app_label) == database_of(obj2._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return database_of(app_label) == db


_APP_URLS = {"default": "DATABASE_URL", "minors": "MINORS_DATABASE_URL", "keys": "KEYS_DATABASE_URL"}
_BASE_RIGHTS = (
    "GRANT USAGE ON SCHEMA public TO {role}",
    "REVOKE CREATE ON SCHEMA public FROM {role}, PUBLIC",
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}, PUBLIC",
    "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}, PUBLIC",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
)
# What the app may do to append-only rows: each says in itself to which of them.
_FUNCTIONS = {
    "default": ("privacy_unlink(uuid, uuid, uuid)", "privacy_purge(text, timestamptz, integer)"),
}
_MIGRATIONS = "django_migrations"  # in every database: the app reads it to know whether it fits


def grant_app_role(alias: str) -> None:
    """Give the app role of a database exactly what its tables are due, and take back everything else.

    Runs as the owner, after migrating; running it again changes nothing. Raises ImproperlyConfigured where
    both roles are one, since an owner can switch off the triggers that bind the app.
    """
    connection = connections[alias]
    app, owner = str(env_database(_APP_URLS[alias])["USER"]), connection.settings_dict["USER"]
    if app == owner:
        raise ImproperlyConfigured(
            f"{_APP_URLS[alias]} signs in as the role that owns the tables. Give the app a role of its own "
            "there, and migrate as the owner: LEAP_DATABASE_ROLE=owner and the *_OWNER_URL."
        )
    role, quote = connection.ops.quote_name(app), connection.ops.quote_name
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for statement in _BASE_RIGHTS:
            cursor.execute(statement.format(role=role))
        tables = set(connection.introspection.table_names(cursor))
        for table, rights in sorted(_rights_by_table(alias).items()):
            if table in tables:
                cursor.execute(f"GRANT {', '.join(rights)} ON TABLE {quote(table)} TO {role}")
        for function in _FUNCTIONS.get(alias, ()):
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")


def _rights_by_table(alias: str) -> dict[str, tuple[str, ...]]:
    """What the app role may do with each table of a database, as the models say."""
    here = (model for model in models() if not model._meta.proxy and model._meta.managed)
    due = {m._meta.db_table: app_rights(m) for m in here if router.allow_migrate_model(alias, m)}
    return {table: rights for table, rights in due.items() if rights} | {_MIGRATIONS: ("SELECT",)}
