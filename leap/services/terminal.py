"""Ctrl-C for the supervisor alone: `make` around it would take the same signal for a failure."""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def to_ourselves() -> Iterator[None]:
    """Makes this process the terminal's foreground group, if we came from there; gives it back at the end.

    GNU make dies of a Ctrl-C that reaches it, however well its child ended. Without a terminal
    nothing changes.
    """
    before = _foreground()
    if before is None:
        yield
        return
    # Ctrl-Z would stop us and leave whoever waits for us waiting.
    for stopping in (signal.SIGTTOU, signal.SIGTSTP):
        signal.signal(stopping, signal.SIG_IGN)
    if before != os.getpid():
        os.setpgid(0, 0)
        os.tcsetpgrp(sys.stdin.fileno(), os.getpid())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.tcsetpgrp(sys.stdin.fileno(), before)


def _foreground() -> int | None:
    """The terminal's foreground group if we are in it and may leave it."""
    try:
        group = os.tcgetpgrp(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):  # no terminal, or no stdin at all
        return None
    return group if group == os.getpgrp() and os.getsid(0) != os.getpid() else None
