"""Keys in memory: only within a scope, one request or one task, and gone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from uuid import UUID

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
