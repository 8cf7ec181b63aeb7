"""Keys in memory: only within a scope, one request or one task, and gone at its end."""

import time
from collections.abc import Iterable, Iterator
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


REMEMBERED = 60.0  # seconds; a long task seals under no older key than of a minute ago


@dataclass(slots=True, repr=False)
class Scope:
    """What this request or task has read from the key store, by subject."""

    rows: dict[UUID, tuple[KeyRow, ...]] = field(default_factory=dict)
    own: set[UUID] = field(default_factory=set)  # whoever acts here: the restricted may still use their own
    read_at: float = field(default_factory=time.monotonic)

    def fresh_rows(self) -> dict[UUID, tuple[KeyRow, ...]]:
        """What is remembered, and nothing of it for longer than REMEMBERED."""
        if time.monotonic() - self.read_at > REMEMBERED:
            self.rows.clear()
            self.read_at = time.monotonic()
        return self.rows


_scope: ContextVar[Scope | None] = ContextVar("key_scope", default=None)


def current_scope() -> Scope | None:
    """The open scope, or None where keys must not be remembered."""
    return _scope.get()


def let_own(subject: UUID) -> None:
    """Until the scope ends, what is kept about ``subject`` is used at their own wish.

    Whoever has restricted the use of their data still reads, takes and corrects it (PIPL 44, 45).
    """
    if (scope := _scope.get()) is not None:
        scope.own.add(subject)


_purpose: ContextVar[frozenset[UUID]] = ContextVar("legal_purpose", default=frozenset())


@contextmanager
def restricted_allowed(subjects: Iterable[UUID]) -> Iterator[None]:
    """Within the block restricted keys of ``subjects`` work; the caller records for what."""
    token = _purpose.set(_purpose.get() | frozenset(subjects))
    try:
        yield
    finally:
        _purpose.reset(token)


def is_allowed(subject: UUID) -> bool:
    """Whether a restricted key of ``subject`` may be used here and now."""
    scope = _scope.get()
    return subject in _purpose.get() or (scope is not None and subject in scope.own)


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
        scope.own.clear()
        _scope.reset(token)
