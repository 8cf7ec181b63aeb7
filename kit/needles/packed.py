"""What is packed within other bytes: gzip, zlib, zip members, both in base64, and Redis's own."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator

from kit.needles import lzf as redis_strings

_RAW, _ZLIB, _GZIP = -15, 15, 31  # what zlib calls their windows
_PART = 1 << 20  # bytes unpacked at once
_MOST = 1 << 30  # bytes unpacked of one stream: more is a bomb, or nothing of ours
_STARTS = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|PK\x03\x04")
# The same beginnings in base64: a stored session is zlib within it, and says so by a dot before.
_IN_BASE64 = re.compile(rb"(?:eJ[w-z]|eN[o-r]|eA[E-H]|eF[4-7]|H4sI)[A-Za-z0-9+/_-]{8,}")
_ZIP_HEADER = 30  # bytes before name and extra field
_DEFLATED = 8


class Packed:
    """One packed stream whose bytes come piece by piece. What only looked like one ends at once."""

    def __init__(self, window: int) -> None:
        self._unpacker = zlib.decompressobj(window)
        self._left = _MOST
        self.is_open = True

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """What the next bytes hold."""
        while self.is_open and chunk:
            try:
                part = self._unpacker.decompress(chunk, _PART)
            except zlib.error:
                self.is_open = False
                return
            self._left -= len(part)
            self.is_open = not self._unpacker.eof and self._left > 0
            chunk = self._unpacker.unconsumed_tail
            if part:
                yield part

    @classmethod
    def within(cls, data: bytes, settled: int, *, lzf: bool = False) -> Iterator[tuple[Packed, bytes]]:
        """Every stream that begins before ``settled``, with its first bytes."""
        for start in _STARTS.finditer(data, 0, min(settled + 3, len(data))):
            if start.start() < settled and (found := _begun(data, start)) is not None:
                yield cls(found[0]), data[found[1] :]
        for text in _IN_BASE64.finditer(data):
            if text.start() >= settled:
                break
            raw = _decoded(text[0])
            yield cls(_GZIP if raw.startswith(b"\x1f\x8b") else _ZLIB), raw
        if lzf:
            for string in redis_strings.within(data, settled):
                yield _Unpacked(), string


class _Unpacked(Packed):
    """What is unpacked already."""

    def __init__(self) -> None:
        super().__init__(_RAW)

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        self.is_open = False
        yield chunk


def _begun(data: bytes, start: re.Match[bytes]) -> tuple[int, int] | None:
    """The window and the place of the first packed byte."""
    at = start.start()
    if start[0].startswith(b"\x1f\x8b"):
        return _GZIP, at
    if start[0].startswith(b"\x78"):
        return _ZLIB, at
    header = data[at : at + _ZIP_HEADER]
    if len(header) < _ZIP_HEADER or int.from_bytes(header[8:10], "little") != _DEFLATED:
        return None
    before = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    return _RAW, at + _ZIP_HEADER + before


def _decoded(text: bytes) -> bytes:
    whole = text[: len(text) // 4 * 4]
    return base64.b64decode(whole.translate(bytes.maketrans(b"-_", b"+/")))
