"""The environment, read once and typed. A wrong value stops the start and says what to do."""

import base64
import binascii
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def env_str(name: str, default: str | None = None) -> str:
    """The value of ``name``; raises ImproperlyConfigured when it is missing and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example for what it should hold.")
    return value


def env_bool(name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off, in any case."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")
    return value in _TRUE


def env_int(name: str, default: int, *, least: int = 0) -> int:
    """A whole number, at least ``least``."""
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name}={value!r} should be a whole number, {least} or more.")
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    """The parts of a comma-separated value, trimmed, empty ones dropped."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``."""
    value = os.environ.get(name, "").strip() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} should be one of: {', '.join(choices)}.")
    return value


def env_secret(name: str) -> str:
    """A secret: the value of ``name``, or the content of the file that ``name_FILE`` points to."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE points to a file that cannot be read ({error.strerror})."
            ) from error
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, or {name}_FILE, as .env.example shows; "
            "`make run` makes secrets of its own."
        )
    return value


def env_key(name: str) -> bytes:
    """A 32-byte key, given in base64."""
    return _key(name, env_secret(name))


def env_keys_by_epoch(name: str) -> dict[int, bytes]:
    """Numbered 32-byte keys, ``1:<base64>,2:<base64>``; the highest number seals, all of them open."""
    keys: dict[int, bytes] = {}
    for part in env_secret(name).replace("\n", ",").split(","):
        if not part.strip():
            continue
        epoch, _, encoded = part.strip().partition(":")
        if not epoch.isdigit():
            raise ImproperlyConfigured(f"{name} should read 1:<base64>, and 2:<base64> after a comma.")
        keys[int(epoch)] = _key(name, encoded)
    return keys


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ImproperlyConfigured(f"{name} is not base64.") from error
    if len(key) != 32:  # noqa: PLR2004  AES-256 and HMAC-SHA256 both take 32 bytes
        raise ImproperlyConfigured(f"{name} should be 32 bytes in base64, not {len(key)}.")
    return key


def env_database(name: str) -> dict[str, Any]:
    """A PostgreSQL URL as Django's connection settings; a socket folder may stand in ``?host=``."""
    url = urlsplit(env_secret(name))
    if url.scheme not in {"postgresql", "postgres"} or len(url.path) < 2:  # noqa: PLR2004  "/" and a name
        raise ImproperlyConfigured(f"{name} should read postgresql://role:password@host:5432/database.")
    query = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", url.hostname or ""),
        "PORT": str(url.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, **query},
    }
