"""What a start tells its console: one line a slow step, nothing lost when nobody listens."""

import contextlib
import sys
import time
from collections.abc import Iterator


def say(text: str, *, end: str = "\n") -> None:
    """Prints at once. A console that went away (a closed pipe) must not end the services."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text + end)
        sys.stdout.flush()


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """``title… done (0.9 s)`` around a slow step; the line is ended even when the step fails."""
    started = time.monotonic()
    say(f"{title}… ", end="")
    try:
        yield
    except BaseException:
        say("not done")
        raise
    say(f"done ({time.monotonic() - started:.1f} s)")
