"""One pass over bytes that come piece by piece, as fast for a thousand needles as for one."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.needles.packed import Packed
from kit.needles.spellings import LEAST, Value, spellings

_WORD = 4  # bytes
_HELD = 64 * 1024  # bytes of a chunk that are looked at again with the next one
_DEEPEST = 3  # packed in packed in packed


@dataclass(frozen=True, slots=True)
class Hit:
    """Which of the values was found, by its place in their list, and how it was spelled. Never the value."""

    value: int
    spelling: str


@dataclass(frozen=True, slots=True)
class _Needle:
    hit: Hit
    spelled: bytes


class Needles:
    """All spellings of some values, ready to be looked for.

    Bytes are read as words of four. Wherever a needle lies, one of four neighbouring words within it lies on
    a word's border; so four words of each needle, asked for in one set, miss none and cost the same for any
    number of needles.
    """

    def __init__(self, values: Sequence[Value]) -> None:
        """Raises TooShort."""
        self._at: dict[int, list[tuple[int, _Needle]]] = {}
        self.count = len(values)
        self.longest = LEAST
        for number, value in enumerate(values):
            for name, spelled in spellings(value):
                self._take(_Needle(Hit(number, name), spelled))
        self._words = frozenset(self._at)

    def find(self, data: bytes) -> set[Hit]:
        """What lies in ``data``."""
        words = memoryview(data)[: len(data) // _WORD * _WORD].cast("I")
        if self._words.isdisjoint(words):
            return set()
        return {
            needle.hit
            for place, word in enumerate(words)
            if word in self._words
            for offset, needle in self._at[word]
            if place * _WORD >= offset and data.startswith(needle.spelled, place * _WORD - offset)
        }

    def _take(self, needle: _Needle) -> None:
        self.longest = max(self.longest, len(needle.spelled))
        begin = _most_telling(needle.spelled)
        for offset in range(begin, begin + _WORD):
            word = int.from_bytes(needle.spelled[offset : offset + _WORD], sys.byteorder)
            self._at.setdefault(word, []).append((offset, needle))


def _most_telling(spelled: bytes) -> int:
    """Where seven bytes begin that are like few others: late, where names and numbers differ, and varied."""
    places = range(max(0, len(spelled) // 2 - LEAST), len(spelled) - LEAST + 1)
    return max(places, key=lambda at: (len(set(spelled[at : at + LEAST])), at))


class Search:
    """Looks through a stream, and into what is packed in it."""

    def __init__(self, needles: Needles, *, lzf: bool = False, depth: int = 0) -> None:
        """``lzf``: also into Redis's packed strings, which nothing else has."""
        self._needles, self._lzf, self._depth = needles, lzf, depth
        self._kept = b""
        self._held = max(needles.longest, _HELD)
        self._open: list[tuple[Packed, Search]] = []
        self.hits: set[Hit] = set()
        self.size = 0  # bytes looked at, without what was packed

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        self.size += len(chunk)
        self._go_on(chunk)
        data = self._kept + chunk
        self.hits |= self._needles.find(data)
        settled = max(len(data) - self._held, 0)
        self._look_inside(data, settled)
        self._kept = data[settled:]

    def end(self) -> set[Hit]:
        """No more bytes come. What was found."""
        self._look_inside(self._kept, len(self._kept))
        for _, inner in self._open:
            self.hits |= inner.end()
        self._open, self._kept = [], b""
        return self.hits

    def _look_inside(self, data: bytes, settled: int) -> None:
        if self._depth >= _DEEPEST:
            return
        for packed, rest in Packed.within(data, settled, lzf=self._lzf):
            self._read(packed, Search(self._needles, depth=self._depth + 1), rest)

    def _go_on(self, chunk: bytes) -> None:
        waiting, self._open = self._open, []
        for packed, inner in waiting:
            self._read(packed, inner, chunk)

    def _read(self, packed: Packed, inner: Search, chunk: bytes) -> None:
        for part in packed.unpack(chunk):
            inner.feed(part)
        if packed.is_open:
            self._open.append((packed, inner))
        else:
            self.hits |= inner.end()


def search(needles: Needles, chunks: Iterable[bytes], *, lzf: bool = False) -> Search:
    """The whole stream, looked through to its end."""
    looking = Search(needles, lzf=lzf)
    for chunk in chunks:
        looking.feed(chunk)
    looking.end()
    return looking
