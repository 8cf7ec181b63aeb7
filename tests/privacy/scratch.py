"""Models that exist for tests only, of an app that is not installed; the superuser makes their tables."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import ClassVar
from uuid import UUID

import psycopg2
from django.conf import settings
from django.db import connection, models

from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    BlindIndex,
    Grade,
    SealedDate,
    SealedManager,
    SealedModel,
    SealedPhone,
    SealedText,
    plain,
)

PHONE = "+8613800138000"
OTHER_PHONE = "+8613900139000"
NAME = "欧阳小满"
BORN = date(2019, 5, 17)


class Person(SealedModel):
    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    owner_id = plain(models.UUIDField())
    name = SealedText(
        "scratch.name", "user.name", why="scratch", keep="scratch", grade=3, null=True, max_length=20
    )
    phone = SealedPhone("scratch.phone", "user.phone", why="scratch", keep="scratch", grade=Grade.THREE)
    phone_index = BlindIndex("scratch.phone")
    second_index = BlindIndex("scratch.second")  # before its field, which must not matter
    second = SealedPhone("scratch.second", "user.phone", why="scratch", keep="scratch", grade=3, null=True)
    born = SealedDate(
        "scratch.born", "user.birth", why="scratch", keep="scratch", grade=4, null=True, klass="minor"
    )
    note = plain(models.CharField(max_length=20, default=""))

    objects: ClassVar[SealedManager["Person"]] = SealedManager()

    class Meta:
        app_label = "scratch"

    class Privacy:
        subject = "owner_id"

    def __str__(self) -> str:
        return f"person {self.pk}"


class Letter(SealedModel):
    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    person = plain(models.ForeignKey(Person, models.CASCADE))
    body = SealedText(
        "scratch.body", "user.content", why="scratch", keep="scratch", grade=3, subject="person.owner_id"
    )

    objects: ClassVar[SealedManager["Letter"]] = SealedManager()

    class Meta:
        app_label = "scratch"

    def __str__(self) -> str:
        return f"letter {self.pk}"


def person(owner: UUID | None = None, **values: object) -> Person:
    """A saved person."""
    made = Person(**{"owner_id": owner or uuid7(), "name": NAME, "phone": PHONE, "born": BORN, **values})
    made.save()
    return made


def as_superuser(*statements: str) -> None:
    """Run SQL as the superuser, committed."""
    admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        with admin, admin.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        admin.close()


@contextmanager
def scratch_tables() -> Iterator[None]:
    """The tables of these models, while the block runs."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        editor.create_model(Person)
        editor.create_model(Letter)
    tables = ("scratch_letter", "scratch_person")
    drop = f"DROP TABLE IF EXISTS {', '.join(tables)}"
    app = settings.DATABASES["default"]["USER"]
    grants = [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app}" for table in tables]
    as_superuser(drop, *editor.collected_sql, *grants)
    try:
        yield
    finally:
        as_superuser(drop)
