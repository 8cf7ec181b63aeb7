"""The home: the one folder that holds everything a start makes, and the lock of who runs it."""

import contextlib
import fcntl
import os
import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path

from leap.services.trouble import CannotStart

BASE_DIR = Path(__file__).resolve().parent.parent.parent
PRIVATE = 0o700
_FOLDERS = ("redis", "keys", "media", "backups", "log", "run")  # pg/ is made with the cluster


class Home:
    """``${LEAP_HOME:-./var}``. Deleting the folder is a clean start."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.run = self.root / "run"
        self.keys = self.root / "keys"
        self.log = self.root / "log"
        self.env_file = self.run / "env"
        self._lock: int | None = None

    @classmethod
    def here(cls) -> "Home":
        """The home the environment names."""
        return cls(Path(os.environ.get("LEAP_HOME") or BASE_DIR / "var"))

    def make(self) -> None:
        """Makes what is missing; every folder but the root is for its owner alone."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for name in _FOLDERS:
                (self.root / name).mkdir(mode=PRIVATE, exist_ok=True)
        except OSError as error:
            raise CannotStart(
                f"The home {self.root} cannot be made ({error.strerror}). "
                "Set LEAP_HOME to a folder you may write."
            ) from error

    # Who runs it: a lock the kernel drops with its holder, so a killed start never blocks the next.

    def hold(self) -> bool:
        """Takes the home for this process until it ends; False when another process has it."""
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._lock = descriptor
        return True

    @property
    def is_ours(self) -> bool:
        """Whether this process holds the home."""
        return self._lock is not None

    def let_go(self) -> None:
        """Lets the next process have the home."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_held(self) -> bool:
        """Whether some living process runs the services of this home."""
        if not (self.run / "lock").exists():
            return False
        if not self.hold():
            return True
        self.let_go()
        return False

    @contextlib.contextmanager
    def visit(self) -> Iterator[None]:
        """Marks this process as one that uses services another process runs."""
        with (self.run / "visitors").open("w") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH)
            yield

    def wait_for_visitors(self) -> None:
        """Returns once nobody uses the services any more."""
        with (self.run / "visitors").open("w") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)

    # run/env and run/<name>.pid

    def write_env(self, values: dict[str, str]) -> None:
        """Writes the URLs in use, in a form that a shell and :meth:`read_env` both read."""
        write_private(
            self.env_file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items())
        )

    def read_env(self) -> dict[str, str]:
        """The URLs in use; empty when nothing runs."""
        try:
            lines = shlex.split(self.env_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return dict(line.split("=", 1) for line in lines)

    def write_pid(self, name: str, pid: int) -> None:
        write_private(self.run / f"{name}.pid", f"{pid}\n")

    def pids(self) -> dict[str, int]:
        """The process ids on record, by name; they may be stale."""
        found: dict[str, int] = {}
        for path in sorted(self.run.glob("*.pid")):
            text = path.read_text(encoding="utf-8").strip()
            found[path.stem] = int(text) if text.isascii() and text.isdigit() else 0
        return found

    def forget_run(self) -> None:
        """Removes run/env and every pid file."""
        for path in [self.env_file, *self.run.glob("*.pid")]:
            path.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step, readable by its owner alone, safe on disk when this returns."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
