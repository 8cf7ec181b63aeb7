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
    "LEAP_INDEX_KEY": _key,
    "LEAP_CODE_KEY": _key,
    "LEAP_SIGNING_KEY": _key,
    "LEAP_LEDGER_KEY": _key,
}


def is_given(environment: Mapping[str, str], name: str) -> bool:
    """Whether the environment holds a setting, by value or by file."""
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


class Keyring:
    """``keys/`` of a home: one file a secret, one for the database passwords."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def settings(self, environment: Mapping[str, str], *, data_exists: bool) -> dict[str, str]:
        """The secret settings the environment leaves open. Raises CannotStart when old data lost its key."""
        wanted = [name for name in MAKERS if not is_given(environment, name)]
        return {name: self._keep(name, MAKERS[name], data_exists=data_exists) for name in wanted}

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
            if data_exists:
                raise CannotStart(
                    f"{path} is missing, and {self._home.root / 'pg'} holds data that needs it. "
                    "Put the file back from your backup of keys/, "
                    f"or delete {self._home.root} to start afresh without that data."
                )
            write_private(path, make() + "\n")
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CannotStart(
                f"{path} cannot be read ({error.strerror}). Run as the user who owns it."
            ) from error
