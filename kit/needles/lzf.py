"""Strings as Redis packs them into its files (LZF): nothing in them can be found before they are unpacked."""

from __future__ import annotations

from collections.abc import Iterator

_MARK = b"\xc3"  # in Redis's files: a packed string follows, first its packed and its real length
_LITERAL = 32  # control bytes below say how many bytes stand as they are
_LONG = 7
_WIDE = 0x80  # a length of four bytes follows
_SHORTEST = 20  # bytes; Redis packs nothing shorter
_LONGEST = 1 << 20  # bytes of one string; ours are far shorter


def within(data: bytes, settled: int) -> Iterator[bytes]:
    """Every packed string that begins before ``settled``, unpacked."""
    at = data.find(_MARK, 0, settled)
    while at >= 0:
        packed, begin = _length(data, at + 1)
        real, begin = _length(data, begin)
        if _SHORTEST < real <= _LONGEST and 0 < packed < real and begin + packed <= len(data):
            unpacked = unpack(data[begin : begin + packed], real)
            if unpacked is not None:
                yield unpacked
        at = data.find(_MARK, at + 1, settled)


def unpack(packed: bytes, real: int) -> bytes | None:
    """The string of ``real`` bytes; None where ``packed`` is no such thing."""
    out, at = bytearray(), 0
    try:
        while at < len(packed) and len(out) <= real:
            control = packed[at]
            at += 1
            if control < _LITERAL:
                out += packed[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == _LONG:
                length += packed[at]
                at += 1
            back = len(out) - ((control & 0x1F) << 8) - packed[at] - 1
            at += 1
            if back < 0:
                return None
            for place in range(back, back + length + 2):  # byte by byte: a run may copy from itself
                out.append(out[place])
    except IndexError:
        return None
    return bytes(out) if len(out) == real else None


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A length as Redis writes it, and where what follows begins; nought where none stands."""
    if at >= len(data):
        return 0, at
    kind, first = data[at] >> 6, data[at] & 0x3F
    if kind == 0:
        return first, at + 1
    if kind == 1 and at + 1 < len(data):
        return first << 8 | data[at + 1], at + 2
    if data[at] == _WIDE:
        return int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
    return 0, at + 1
