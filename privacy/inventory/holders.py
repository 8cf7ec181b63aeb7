"""What an instance holds in place of a sealed value: it prints, copies and pickles without what it hides."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import NoReturn

MASK = "•••"
Plaintext = str | date


class _Hidden:
    __slots__ = ()

    def __str__(self) -> str:
        return MASK

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __copy__(self) -> "_Hidden":
        return self

    def __deepcopy__(self, memo: object) -> "_Hidden":
        return self


class Sealed(_Hidden):
    """The bytes as they stand in the column."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.blob == self.blob

    def __hash__(self) -> int:
        return hash(self.blob)


class Pending(_Hidden):
    """A value that was assigned and not saved yet. It does not pickle: a cache is no place for it."""

    __slots__ = ("value",)

    def __init__(self, value: Plaintext) -> None:
        self.value = value

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A row with an unsaved personal value does not pickle. Save it first.")


class Outgoing(_Hidden):
    """Bytes that a field sealed for the row that is being written: the only thing its column accepts."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob


_as_held: ContextVar[bool] = ContextVar("sealed_as_held", default=False)


def reads_as_held() -> bool:
    """Whether attribute access gives the holder, unopened."""
    return _as_held.get()


@contextmanager
def as_held() -> Iterator[None]:
    """Within the block sealed attributes are copied, not opened."""
    token = _as_held.set(True)
    try:
        yield
    finally:
        _as_held.reset(token)
