"""Keys read by a task are remembered until it ends, and no longer."""

import ast
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

import leap.celery  # noqa: F401  whose handlers are what is tested
import privacy.keystore
from kit.uuid7 import uuid7
from privacy.keystore import scope as scopes
from privacy.keystore.services import key_scope, seal

pytestmark = pytest.mark.django_db(databases="__all__")


def test_each_task_has_a_scope_of_its_own() -> None:
    app = Celery("scratch", broker="memory://")
    seen: list[Any] = []

    @app.task
    def work() -> None:
        seal(b"x", field_id="f", row_id="r", subject=uuid7(), klass="core")
        scope = scopes.current_scope()
        assert scope is not None
        assert scope.rows
        seen.append(scope)

    work.apply(throw=True)
    work.apply(throw=True)
    assert scopes.current_scope() is None
    assert seen[0] is not seen[1]
    assert seen[0].rows == seen[1].rows == {}
    with key_scope():
        outer = scopes.current_scope()
        work.apply(throw=True)
        assert seen[2] is outer
        assert scopes.current_scope() is outer


def test_a_task_that_fails_forgets_too() -> None:
    app = Celery("scratch", broker="memory://")

    @app.task
    def fail() -> None:
        raise LookupError

    fail.apply()
    assert scopes.current_scope() is None


def test_the_key_store_knows_no_task_queue() -> None:
    imported: set[str] = set()
    for path in Path(privacy.keystore.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert "django" in imported
    assert not imported & {"celery", "kombu"}
