"""What an earlier start that was killed left behind: pid files, and sometimes processes still ending."""

import contextlib
import os
import signal
from pathlib import Path

from leap.services.home import Home
from leap.services.process import poll
from leap.services.progress import say
from leap.services.trouble import CannotStart

_PATIENCE = 10.0  # seconds for processes that lost their supervisor and are ending by themselves


def clear(home: Home) -> None:
    """Waits for, then kills, what still runs of an earlier start, and removes its pid files."""
    pids = home.pids()
    if not pids:
        return
    if not poll(lambda: not _alive(home, pids), _PATIENCE):
        for pid in _alive(home, pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not poll(lambda: not _alive(home, pids), _PATIENCE):
            raise CannotStart(
                f"Processes of an earlier start will not end: {_alive(home, pids)}. End them first."
            )
    home.forget_run()
    say(f"An earlier start was cut short; its pid files were cleared away ({', '.join(pids)}).")


def _alive(home: Home, pids: dict[str, int]) -> list[int]:
    return [
        pid for pid in pids.values() if pid > 1 and pid != os.getpid() and _is_of(home, Path(f"/proc/{pid}"))
    ]


def _is_of(home: Home, entry: Path) -> bool:
    """Whether the process works in this home. An id alone proves nothing: the kernel gives it out again."""
    with contextlib.suppress(OSError):
        if (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False
        folder = (entry / "cwd").readlink()
        if folder.is_relative_to(home.root) or folder.is_relative_to((home.root / "pg").resolve()):
            return True
        return f"LEAP_HOME={home.root}".encode() in (entry / "environ").read_bytes().split(b"\0")
    return False
