"""Where code may connect to: this machine, the configured stores and registered recipients. Nowhere else."""

import logging
import socket
import sys
from collections import deque
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)

_CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}
_LOCAL_FAMILIES = {socket.AF_UNIX, getattr(socket, "AF_NETLINK", socket.AF_UNIX)}

_allowed: set[str] = {"localhost"}  # names and numeric addresses
_resolved: set[str] = set()  # addresses that allowed names turned out to have
refused: deque[str] = deque(maxlen=100)  # hosts, newest last, for tests to look at


class OutboundRefused(OSError):
    """The host is nobody's we send to. An OSError, so that libraries take it for a connection that failed."""


def allow(host: str) -> None:
    """Let code reach ``host``, a name or an address: called for every registered recipient at start."""
    _allowed.add(host.lower())


@cache
def install() -> None:
    """Guard this process from now on; again is harmless. Python keeps such a guard until the process ends.

    The database driver connects from C, past any guard, but only to where the settings say.
    """
    for host in _stores():
        allow(host)
    _learn_addresses()
    sys.addaudithook(_guard)


def _stores() -> list[str]:
    hosts = [str(database.get("HOST", "")) for database in settings.DATABASES.values()]
    hosts.append(urlsplit(settings.REDIS_URL).hostname or "")
    return [host for host in hosts if host and not host.startswith("/")]


def _learn_addresses() -> None:
    """Note what allowed names resolve to: a connection is made to an address, not to a name."""
    resolve = socket.getaddrinfo

    def resolve_and_note(host: Any, *args: Any, **kwargs: Any) -> Any:
        found = resolve(host, *args, **kwargs)
        _resolved.update(str(address[0]) for *_ignored, address in found)
        return found

    socket.getaddrinfo = resolve_and_note


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in _CONNECTING:
        connection, address = args[0], args[-1]
        if address is not None and connection.family not in _LOCAL_FAMILIES:
            _check(address[0])
    elif event in _RESOLVING:
        host = args[0][0] if event == "socket.getnameinfo" else args[0]
        if host is not None:
            _check(host)


def _check(host: str | bytes) -> None:
    name = (host.decode(errors="replace") if isinstance(host, bytes) else str(host)).lower().rstrip(".")
    if name in _allowed or name in _resolved or _is_this_machine(name):
        return
    refused.append(name)
    logger.error("outbound connection refused", extra={"host": name})
    raise OutboundRefused(f"{name} is not a registered recipient")


def _is_this_machine(name: str) -> bool:
    if not name:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_unspecified
