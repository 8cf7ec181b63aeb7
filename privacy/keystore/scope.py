"""Keys in memory: only within a scope, one request or one task, and gone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from celery.signals import task_postrun, task_prerun

from privacy.keystore.enums import KeyState


@dataclass(frozen=True, slots=True, repr=False)
class KeyRow:
    """One generation of a subject's key, opened; ``key`` is empty unless the state is active."""

    klass: str
    gen: int
    state: KeyState
    key: bytes


@dataclass(slots=True, repr=False)
class Scope:
    """What this request or task has read from the key store, by subject."""

    rows: dict[UUID, tuple[KeyRow, ...]] = field(default_factory=dict)


_scope: ContextVar[Scope | None] = ContextVar("key_scope", default=None)
_scopes_of_tasks: dict[str, Scope] = {}


def current_scope() -> Scope | None:
    """The open scope, or None where keys must not be remembered."""
    return _scope.get()


@contextmanager
def key_scope() -> Iterator[None]:
    """Remember keys until the end of the block. A scope inside another joins it."""
    if _scope.get() is not None:
        yield
        return
    scope = Scope()
    token = _scope.set(scope)
    try:
        yield
    finally:
        scope.rows.clear()
        _scope.reset(token)


def scope_tasks() -> None:
    """Give each Celery task a key scope of its own. Call once, where the Celery app is made."""
    task_prerun.connect(_open_for_task, dispatch_uid="privacy.keystore.scope")
    task_postrun.connect(_close_for_task, dispatch_uid="privacy.keystore.scope")


def _open_for_task(task_id: str, **_: Any) -> None:
    if _scope.get() is None:
        _scopes_of_tasks[task_id] = scope = Scope()
        _scope.set(scope)


def _close_for_task(task_id: str, **_: Any) -> None:
    scope = _scopes_of_tasks.pop(task_id, None)
    if scope is not None:
        scope.rows.clear()
        _scope.set(None)
