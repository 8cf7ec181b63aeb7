"""One process we start: in a group of its own, and dead when we are, even if we are killed."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from leap.services.account import Account
from leap.services.home import BASE_DIR

_LOG_LIMIT = 20 * 1024 * 1024  # bytes; a longer log is set aside when its process starts
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Program:
    """What to start, and how it likes to be ended."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path | None = None  # None: our own console
    account: Account | None = None
    folder: Path = field(default=BASE_DIR)
    stop_signal: signal.Signals = signal.SIGTERM
    is_store: bool = False  # others need it: it ends after them


def spawn(program: Program) -> "subprocess.Popen[bytes]":
    """Starts ``program``. Call it from the main thread: the kernel ties the process to the calling thread."""
    parent = os.getpid()

    def settle() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        # After the change of user, which would clear it.
        _libc.prctl(_PR_SET_PDEATHSIG, int(program.stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    with _open_log(program.log) as output:
        return subprocess.Popen(
            list(program.command),
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            process_group=0,
            preexec_fn=settle,  # noqa: PLW1509  one thread, and nothing else sets the death signal in time
            **(program.account.popen if program.account else {}),
        )


@contextlib.contextmanager
def _open_log(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))
    with path.open("ab") as file:
        path.chmod(0o600)
        yield file


def has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it ended; what its group left behind is killed before its id can be given to another."""
    if process.returncode is not None:
        return True
    if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return False
    kill_group(process)
    process.wait()
    return True


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kills whatever lives in the group of a process we have not reaped yet."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end(processes: Mapping["subprocess.Popen[bytes]", signal.Signals], seconds: float) -> None:
    """Asks all of them to end, and kills those that have not after ``seconds``."""
    for process, stop_signal in processes.items():
        if not has_ended(process):
            process.send_signal(stop_signal)
    until = time.monotonic() + seconds
    while not all(has_ended(process) for process in processes):
        if time.monotonic() > until:
            for process in processes:
                if not has_ended(process):
                    kill_group(process)
                    process.wait()
            return
        time.sleep(0.02)


def poll(ready: Callable[[], bool], seconds: float) -> bool:
    """Whether ``ready`` came true within ``seconds``."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def how(process: "subprocess.Popen[bytes]") -> str:
    """The way an ended process ended, in two words."""
    code = process.returncode
    return f"signal {-code}" if code < 0 else f"exit {code}"


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, for the console."""
    if not path.exists():
        return ""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def lives_in(folder: Path) -> list[int]:
    """The processes whose working folder is ``folder``: a cluster's, even when its first one was killed."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found
