"""Time-ordered identifiers made in Python, so that a row knows its id before it is written."""

import secrets
import threading
import time
import uuid

_NS_PER_MS = 1_000_000
_ROLLBACK = 10_000 << 12  # ticks: a clock set back by more than ten seconds is believed again

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7; sub-millisecond clock bits as in 6.2, method 3).

    Within one process each is greater than the one before, whatever the threads do.
    """
    ticks = _next_tick()
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


def _next_tick() -> int:
    """Milliseconds since 1970 with 12 bits of fraction; never the same twice, never backwards."""
    global _last  # noqa: PLW0603  the last tick given out is the state of this module
    milliseconds, rest = divmod(time.time_ns(), _NS_PER_MS)
    now = milliseconds << 12 | rest * 4096 // _NS_PER_MS
    with _lock:
        _last = now if now > _last or _last - now > _ROLLBACK else _last + 1
        return _last
