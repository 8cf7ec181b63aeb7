"""Tables like ours with none of our rules: what a plain Django app would write a booking into.

Same columns, indexes and references; no triggers and no checks. The floor of the booking bench writes here.
"""

from __future__ import annotations

from typing import Any

import psycopg2
from django.apps import apps
from django.db import models

# What one booking of a class by a guardian who is signed in writes, by database.
WRITTEN = {
    "default": (
        "enrollment.ClassSession",
        "enrollment.TrialBooking",
        "enrollment.BookingEvent",
        "enrollment.ManageLink",
        "audit.AuditEvent",
        "messaging.Message",
    ),
    "keys": ("keystore.SubjectKey",),
}
_REFERENCES = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
"""
_made: dict[str, type[models.Model]] = {}


def table_of(model: type[models.Model]) -> str:
    """The name of a model's twin table."""
    return f"bench_{model._meta.db_table}"


def twin(label: str) -> Any:
    """A plain model over the twin table of the model named; columns the database fills are left to it."""
    if label not in _made:
        model = apps.get_model(label)
        columns = {
            field.attname: _plain(field)
            for field in model._meta.concrete_fields
            if not field.generated and not field.has_db_default()
        }
        meta = type("Meta", (), {"app_label": "bench", "managed": False, "db_table": table_of(model)})
        body = {**columns, "Meta": meta, "__module__": __name__}
        _made[label] = type(f"Twin{model.__name__}", (models.Model,), body)
    return _made[label]


def _plain(field: Any) -> models.Field[Any, Any]:
    target = field.target_field if field.is_relation else field
    kind = target.get_internal_type()
    kinds = {
        "CharField": models.TextField,
        "AutoField": models.IntegerField,
        "BigAutoField": models.BigIntegerField,
    }
    made = kinds.get(kind) or getattr(models, kind)
    if field.primary_key and kind.endswith("AutoField"):
        return getattr(models, kind)(primary_key=True, db_column=field.column)  # type: ignore[no-any-return]  # looked up by name
    column: models.Field[Any, Any] = made(null=True, db_column=field.column, primary_key=field.primary_key)
    return column


def make_tables(urls: dict[str, str]) -> None:
    """Make the twin tables, with the classes that are there, by each database's administrator ``urls``."""
    for database, labels in WRITTEN.items():
        opened = psycopg2.connect(urls[database])
        try:
            with opened, opened.cursor() as cursor:
                for label in labels:
                    _make(cursor, apps.get_model(label))
        finally:
            opened.close()


def _make(cursor: Any, model: type[models.Model]) -> None:
    ours, theirs = model._meta.db_table, table_of(model)
    alike = "INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY INCLUDING GENERATED"
    cursor.execute(f"CREATE TABLE {theirs} (LIKE {ours} {alike})")
    cursor.execute(_REFERENCES, [ours])
    for name, definition in cursor.fetchall():
        told = definition.replace("enrollment_trialbooking(", "bench_enrollment_trialbooking(")
        told = told.replace("enrollment_classsession(", "bench_enrollment_classsession(")
        cursor.execute(f"ALTER TABLE {theirs} ADD CONSTRAINT bench_{name} {told}")
    if ours == "enrollment_classsession":
        own = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
        columns = ", ".join(own)
        cursor.execute(f"INSERT INTO {theirs} ({columns}) SELECT {columns} FROM {ours}")  # noqa: S608  names of columns
    cursor.execute(f"GRANT ALL ON {theirs} TO PUBLIC")
    cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO PUBLIC")
