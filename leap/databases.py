"""Which app lives in which database, and what each database's app role may do there."""

from typing import Any

from django.conf import settings
from django.db.models import Model


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
