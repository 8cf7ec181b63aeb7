"""Whose address a request came from: one answer, used everywhere."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

UNIX_PEER = "unix"  # stands in TRUSTED_PROXIES for a proxy that reaches us over a unix socket
_LOCAL = IPv4Address("127.0.0.1")
_Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> str:
    """The visitor's address. ``X-Real-IP`` counts only when the peer is in ``settings.TRUSTED_PROXIES``.

    No other header is read: anybody can send one. A peer without an address (a unix socket) is this machine.
    """
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    if comes_from_trusted_proxy(request.META):
        told = _parse(request.META.get("HTTP_X_REAL_IP", ""))
        if told is not None:
            return str(told)
    return str(peer or _LOCAL)


def comes_from_trusted_proxy(environ: Mapping[str, Any]) -> bool:
    """Whether the peer of this WSGI request is one of ``settings.TRUSTED_PROXIES``."""
    peer = _parse(environ.get("REMOTE_ADDR", ""))
    if peer is None:
        return UNIX_PEER in settings.TRUSTED_PROXIES
    networks = (ip_network(entry, strict=False) for entry in settings.TRUSTED_PROXIES if entry != UNIX_PEER)
    return any(peer in network for network in networks)


def address_blocks(address: str) -> tuple[str, str]:
    """The networks limits count by: /32 and /24; /64 and /48 for IPv6, within which one line moves freely.

    Raises ValueError when ``address`` is none.
    """
    parsed = _parse(address)
    if parsed is None:
        raise ValueError("not an address")
    lengths = (32, 24) if isinstance(parsed, IPv4Address) else (64, 48)
    narrow, wide = (str(ip_network((parsed, length), strict=False)) for length in lengths)
    return narrow, wide


def _parse(text: str) -> _Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # the latter sheds a zone like %eth0
    return address
