"""What a start tells its console: one line a slow step, nothing lost when nobody listens."""

import contextlib
import sys
import time
from collections.abc import Iterator


class _Console:
    """Knows whether a step's line is still open, so that a line from elsewhere doesn't run into it."""

    is_open = False

    def write(self, text: str) -> None:
        # A console that went away (a closed pipe) must not end the services.
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text)
            sys.stdout.flush()


_console = _Console()


def say(text: str) -> None:
    """Prints a line of its own, at once."""
    _console.write(f"\n{text}\n" if _console.is_open else f"{text}\n")
    _console.is_open = False


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """``title… done (0.9 s)`` around a slow step; the line is ended even when the step fails."""
    started = time.monotonic()
    _console.write(f"{title}… ")
    _console.is_open = True
    try:
        yield
    except BaseException:
        _end(title, "not done")
        raise
    _end(title, f"done ({time.monotonic() - started:.1f} s)")


def _end(title: str, outcome: str) -> None:
    _console.write(f"{outcome}\n" if _console.is_open else f"{title}: {outcome}\n")
    _console.is_open = False
