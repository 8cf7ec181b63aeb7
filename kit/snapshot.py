"""A value that everybody reads and hardly anybody changes, remembered by the process for some seconds."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import Error as StoreError

logger = logging.getLogger(__name__)

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
    """Calling it gives what ``read`` gave at most ``seconds`` ago.

    One thread reads anew while the others go on with what was known. When the store does not answer, what
    was known stays for as long again; with nothing known, the store's error is raised.
    """

    def __init__(self, read: Callable[[], Value], *, seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._reading = threading.Lock()
        self._known: tuple[Value, float] | None = None  # and until when it holds

    def __call__(self) -> Value:
        known = self._known
        if known is None:
            with self._reading:
                return self._known[0] if self._known else self._renew()
        if known[1] > time.monotonic() or not self._reading.acquire(blocking=False):
            return known[0]
        try:
            return self._renew()
        except StoreError:
            logger.warning("a store did not answer: what was known before is shown on", exc_info=True)
            self.hold(known[0])
            return known[0]
        finally:
            self._reading.release()

    def at_hand(self) -> Value | None:
        """What is known, however old; None before the first reading. Asks no store."""
        return self._known[0] if self._known else None

    def hold(self, value: Value) -> None:
        """Take ``value`` as read just now."""
        self._known = (value, time.monotonic() + self._seconds)

    def forget(self) -> None:
        """Read anew at the next call."""
        self._known = None

    def _renew(self) -> Value:
        value = self._read()
        self.hold(value)
        return value
