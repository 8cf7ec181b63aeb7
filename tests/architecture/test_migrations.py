"""Migrations run while the code before them still serves, and can be taken back."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.migrations import AddField, CreateModel
from django.db.migrations.loader import MigrationLoader

ROOT = Path(__file__).resolve().parents[2]
APPS = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}

# Back and forth in one transaction, as the owner of the tables; it leaves no trace.
BACK_AND_FORTH = """
import django; django.setup()
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

def go(*names):
    MigrationExecutor(connection).migrate([("enrollment", name) for name in names])
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'enrollment_trialbooking_state_steps'")
        print([source.count("', '") for (source,) in cursor.fetchall()])

with transaction.atomic():
    now = MigrationExecutor(connection).loader.graph.leaf_nodes("enrollment")[0][1]
    for name in (now, "0003_classes", "0001_initial", "0003_classes", now):
        go(name)
    transaction.set_rollback(True)
"""


def left_out_by_old_code(field: Any) -> bool:
    """Whether an insert that does not name the column goes through."""
    return bool(field.null or field.has_db_default() or field.generated or field.many_to_many)


def test_code_before_a_migration_may_leave_out_the_columns_it_adds() -> None:
    barred = []
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app not in APPS:
            continue
        made = {one.name_lower for one in migration.operations if isinstance(one, CreateModel)}
        for one in migration.operations:
            if not isinstance(one, AddField) or one.model_name_lower in made:
                continue
            now = apps.get_model(app, one.model_name)._meta.get_field(one.name)
            if not (left_out_by_old_code(one.field) and left_out_by_old_code(now)):
                barred.append(f"{app}.{name}: {one.model_name}.{one.name}")

    assert barred == []


def test_bookings_keep_the_steps_of_the_time_all_the_way_back_and_forth() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BACK_AND_FORTH],
        cwd=ROOT,
        env={**os.environ, "LEAP_DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    # How many pairs of states the law names: of today, of requests alone, none without a law.
    assert run.stdout.splitlines() == ["[12]", "[1]", "[]", "[1]", "[12]"]
