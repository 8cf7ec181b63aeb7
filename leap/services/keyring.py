"""The secrets a home makes for itself at its first start, and never again over old data."""

import base64
import json
import os
import secrets
from collections.abc import Callable, Mapping

from leap.services.home import Home, write_private
from leap.services.trouble import CannotStart

ROLES = ("postgres", *(f"{name}_{kind}" for name in ("leap", "minors", "keys") for kind in ("owner", "app")))
PASSWORDS = "database-passwords"


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


# The settings that are secrets, and how a new one is made.
MAKERS: dict[str, Callable[[], str]] = {
    "LEAP_SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "LEAP_KEY_ENCRYPTION_KEYS": lambda: f"1:{_key()}",
    "LEAP_MINORS_KEY_ENCRYPTION_KEYS": lambda: f"1:{_key()}",
    "LEAP_INDEX_KEY": lambda: f"1:{_key()}",
    "LEAP_CODE_KEY": _key,
    "LEAP_SIGNING_KEY": _key,
    "LEAP_LEDGER_KEY": _key,
    "LEAP_BACKUP_KEY": _key,
    "LEAP_KEYS_BACKUP_KEY": _key,
}
# Given to our processes as files: these change while they run.
ROLLING = ("LEAP_KEY_ENCRYPTION_KEYS", "LEAP_MINORS_KEY_ENCRYPTION_KEYS", "LEAP_INDEX_KEY")
# Secrets that came after the first homes: a home with data may lack them, unless its list says it made them.
LATER = {"LEAP_MINORS_KEY_ENCRYPTION_KEYS", "LEAP_LEDGER_KEY", "LEAP_BACKUP_KEY", "LEAP_KEYS_BACKUP_KEY"}
MADE = "made"  # the list: one name a line


def is_given(environment: Mapping[str, str], name: str) -> bool:
    """Whether the environment holds a setting, by value or by file."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


class Keyring:
    """``keys/`` of a home: one file a secret, one for the database passwords."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def settings(self, environment: Mapping[str, str], *, data_exists: bool) -> dict[str, str]:
        """The secret settings the environment leaves open; those that change while we run, as ``…_FILE``.

        Raises CannotStart when old data lost its key.
        """
        found: dict[str, str] = {}
        for name in [name for name in MAKERS if not is_given(environment, name)]:
            value = self._keep(name, MAKERS[name], data_exists=data_exists)
            found |= {f"{name}_FILE": str(self._home.keys / name)} if name in ROLLING else {name: value}
        return found

    def passwords(self, *, data_exists: bool) -> dict[str, str]:
        """A password for each database role."""
        text = self._keep(
            PASSWORDS,
            lambda: json.dumps({role: secrets.token_urlsafe(32) for role in ROLES}, indent=1),
            data_exists=data_exists,
        )
        return {str(role): str(password) for role, password in json.loads(text).items()}

    def throwaway(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Secrets for a command that keeps nothing: the home's own where it has them, else made up."""
        found: dict[str, str] = {}
        for name in [name for name in MAKERS if not is_given(environment, name)]:
            path = self._home.keys / name
            readable = path.exists() and os.access(path, os.R_OK)
            found[name] = path.read_text(encoding="utf-8").strip() if readable else MAKERS[name]()
        return found

    def _keep(self, name: str, make: Callable[[], str], *, data_exists: bool) -> str:
        path = self._home.keys / name
        if not path.exists():
            if data_exists and (name not in LATER or name in self._made()):
                raise CannotStart(
                    f"{path} is missing, and {self._home.root / 'pg'} holds data that needs it. "
                    "Put the file back from your backup of keys/, "
                    f"or delete {self._home.root} to start afresh without that data."
                )
            write_private(path, make() + "\n")
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CannotStart(
                f"{path} cannot be read ({error.strerror}). Run as the user who owns it."
            ) from error
        self._note(name)
        return value

    def _made(self) -> set[str]:
        path = self._home.keys / MADE
        return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()

    def _note(self, name: str) -> None:
        # After the key itself: a list that names a key nobody ever had would stop every start.
        made = self._made()
        if name not in made:
            write_private(self._home.keys / MADE, "\n".join(sorted(made | {name})) + "\n")
