"""Waiting for something that happens by itself, with an end."""

import time
from collections.abc import Callable


def until(holds: Callable[[], object], *, seconds: float = 10.0, what: str = "") -> float:
    """Poll until ``holds()`` is true; the seconds it took. Fails the test after ``seconds``."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, f"not within {seconds} s: {what or holds}"
        time.sleep(0.02)
    return time.monotonic() - started
