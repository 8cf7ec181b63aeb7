"""The environment, read once and typed. A wrong value stops the start and says what to do."""

import base64
import os
import re
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from kit.numbered_keys import NumberedKeys, read_keys

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_LAST_PORT = 65535
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|[0-9a-f:.]+")  # a name as DNS has it, or an address
_UNIX_PEER = "unix"  # a proxy that comes over a socket file has no address


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


def env_port(name: str, default: int) -> int:
    """A port somebody can listen on."""
    port = env_int(name, default, least=1)
    if port > _LAST_PORT:
        raise ImproperlyConfigured(f"{name}={port} is no port. Choose one from 1 to {_LAST_PORT}.")
    return port


def env_hours(name: str, default: str) -> tuple[int, int]:
    """From which full hour of the day until which, such as ``8-21``."""
    value = os.environ.get(name, "").strip() or default
    match = re.fullmatch(r"([01]?[0-9]|2[0-3])-([01]?[0-9]|2[0-4])", value, re.ASCII)
    if match is None or int(match[1]) >= int(match[2]):
        raise ImproperlyConfigured(f"{name}={value!r} should be two full hours of a day, such as 8-21.")
    return int(match[1]), int(match[2])


def env_list(name: str, default: str = "") -> list[str]:
    """The parts of a comma-separated value, trimmed, empty ones dropped."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def env_days_by_name(name: str) -> dict[str, int]:
    """Whole days for each of some names, such as ``lead=90,waiting=30``."""
    days: dict[str, int] = {}
    for part in env_list(name):
        key, _, value = (word.strip() for word in part.partition("="))
        if not key or key in days or not (value.isascii() and value.isdigit()):
            raise ImproperlyConfigured(f"{name}: {part!r} should read lead=90: a name once, and whole days.")
        days[key] = int(value)
    return days


def env_networks(name: str) -> list[str]:
    """Addresses and networks, separated by commas; ``unix`` stands for whoever comes over a socket file."""
    parts = env_list(name)
    for part in parts:
        try:
            known = part == _UNIX_PEER or bool(ip_network(part, strict=False))
        except ValueError:
            known = False
        if not known:
            raise ImproperlyConfigured(
                f"{name}: {part!r} is neither an address nor a network. "
                f"Write 10.0.0.7 or 172.30.7.0/24, with commas between, or {_UNIX_PEER} for a socket file."
            )
    return parts


def env_url(name: str, default: str, *, schemes: Sequence[str]) -> str:
    """An address people type: scheme, host, perhaps a port, and nothing after it. In lower case."""
    fault = ImproperlyConfigured(
        f"{name} should read {' or '.join(f'{scheme}://www.example.com' for scheme in schemes)}, "
        "with :port after it where it needs one, and nothing else."
    )
    value = (os.environ.get(name, "").strip() or default).rstrip("/").lower()
    url = _split(value, schemes, fault)
    host, port = url.hostname or "", f":{url.port}" if url.port else ""
    bare = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(host) or value != f"{url.scheme}://{bare}{port}":
        raise fault
    return value


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``."""
    value = os.environ.get(name, "").strip() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} should be one of: {', '.join(choices)}.")
    return value


def env_secret(name: str) -> str:
    """A secret: the value of ``name``, or the content of the file that ``name_FILE`` points to."""
    path = os.environ.get(f"{name}_FILE")
    value = _content(f"{name}_FILE", Path(path)) if path else os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, or {name}_FILE, as .env.example shows; "
            "`make run` makes secrets of its own."
        )
    return value


def _content(name: str, path: Path) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} points to a file that cannot be read ({error.strerror})."
        ) from error
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} points to a file that holds no text.") from error
    if not value:
        raise ImproperlyConfigured(f"{name} points to a file that is empty.")
    return value


def env_key(name: str) -> bytes:
    """A 32-byte key, given in base64."""
    return _key(name, env_secret(name))


def env_keys_by_epoch(name: str, *, bare: bool = False) -> NumberedKeys:
    """Numbered 32-byte keys, ``1:<base64>,2:<base64>``; the highest number is in use, the others still work.

    Given by file, the file is read anew whenever it changes. ``bare``: a key without a number is number 1.
    """
    try:
        keys = read_keys(env_secret(name), bare=bare)
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name} {wrong}.") from None
    path = os.environ.get(f"{name}_FILE")
    return NumberedKeys(keys, path=Path(path) if path else None, bare=bare)


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not base64.") from error
    if len(key) != 32:  # noqa: PLR2004  AES-256 and HMAC-SHA256 both take 32 bytes
        raise ImproperlyConfigured(f"{name} should be 32 bytes in base64, not {len(key)}.")
    return key


def env_redis(name: str) -> str:
    """The URL of a Redis server and database, by value or by file."""
    value = env_secret(name)
    fault = ImproperlyConfigured(
        f"{name} should read redis://host:6379/0, rediss:// for TLS, or unix:///folder/redis.sock?db=0."
    )
    url = _split(value, ("redis", "rediss", "unix"), fault)
    number = dict(parse_qsl(url.query)).get("db", "0") if url.scheme == "unix" else url.path.strip("/") or "0"
    if not (number.isascii() and number.isdigit()) or not (
        url.path if url.scheme == "unix" else url.hostname
    ):
        raise fault
    return value


def env_database(name: str) -> dict[str, Any]:
    """A PostgreSQL URL as Django's connection settings; a socket folder may stand in ``?host=``."""
    fault = ImproperlyConfigured(f"{name} should read postgresql://role:password@host:5432/database.")
    url = _split(env_secret(name), ("postgresql", "postgres"), fault)
    query = dict(parse_qsl(url.query))
    port = str(url.port or query.pop("port", ""))
    if len(url.path) < 2 or not (port.isascii() and (port.isdigit() or not port)):  # noqa: PLR2004  "/", a name
        raise fault
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", url.hostname or ""),
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, **query},
    }


def _split(value: str, schemes: Sequence[str], fault: ImproperlyConfigured) -> SplitResult:
    """The parts of a URL, whose port is one. Raises ``fault``, which names no value: it may be a secret."""
    try:
        url = urlsplit(value)
        well_made = url.scheme in schemes and url.port != 0
    except ValueError:
        well_made = False
    if not well_made:
        raise fault
    return url
