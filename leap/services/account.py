"""Which unprivileged user PostgreSQL runs as when we are root, and what that user can reach."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leap.services.trouble import CannotStart

_CANDIDATES = ("postgres", "nobody")  # an account made for it, else the one that owns nothing


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """The arguments that make subprocess start a program as this user and in no other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Gives ``path`` to this user."""
        os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether this user may enter ``path`` (a folder) or start it (a program)."""
        return subprocess.run(["/usr/bin/test", "-x", str(path)], check=False, **self.popen).returncode == 0


def store_account(folder: Path) -> Account | None:
    """Who owns, or shall own, PostgreSQL's ``folder``. None when we are not root: it is simply ours."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and folder.stat().st_uid != 0:
        return _account(pwd.getpwuid(folder.stat().st_uid))
    for name in _CANDIDATES:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`. "
        "Make one (useradd --system postgres), or run this as an ordinary user."
    )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
