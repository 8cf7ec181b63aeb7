"""Nobody chooses the address we take them for."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from kit.client_address import address_blocks, client_address

SPOOFED = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.1",
    "HTTP_X_REAL_IP": "198.51.100.2",
    "HTTP_FORWARDED": "for=198.51.100.3",
    "HTTP_TRUE_CLIENT_IP": "198.51.100.4",
    "HTTP_CF_CONNECTING_IP": "198.51.100.5",
    "HTTP_X_CLIENT_IP": "198.51.100.6",
}


def seen(peer: str, **headers: str) -> str:
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


def test_headers_from_a_stranger_change_nothing(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert seen("203.0.113.9", **SPOOFED) == "203.0.113.9"


def test_without_a_proxy_no_header_counts(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert seen("127.0.0.1", **SPOOFED) == "127.0.0.1"
    assert seen("", **SPOOFED) == "127.0.0.1"


@pytest.mark.parametrize("peer", ["10.0.0.1", "10.1.2.3", "::ffff:10.0.0.1", "fd00::7"])
def test_the_proxy_is_believed_about_one_header_only(settings: Settings, peer: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "fd00::/8"]
    assert seen(peer, **SPOOFED) == "198.51.100.2"
    others = {name: value for name, value in SPOOFED.items() if name != "HTTP_X_REAL_IP"}
    assert seen(peer, **others) == peer.removeprefix("::ffff:")


@pytest.mark.parametrize(
    "garbage", ["", "unknown", "198.51.100.2, 198.51.100.3", "198.51.100.2:443", "1.2.3", "a" * 9000, "\x00"]
)
def test_a_garbled_header_falls_back_to_the_proxy(settings: Settings, garbage: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    assert seen("10.0.0.1", HTTP_X_REAL_IP=garbage) == "10.0.0.1"


def test_a_proxy_on_a_unix_socket_is_trusted_by_name(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["unix"]
    assert seen("", HTTP_X_REAL_IP="203.0.113.9") == "203.0.113.9"
    assert seen("203.0.113.1", HTTP_X_REAL_IP="203.0.113.9") == "203.0.113.1"


def test_one_visitor_has_one_spelling(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert seen("::ffff:203.0.113.9") == "203.0.113.9"
    assert seen("2001:DB8:0:0::1") == "2001:db8::1"
    assert seen("fe80::1%eth0") == "fe80::1"


def test_blocks() -> None:
    assert address_blocks("203.0.113.9") == ("203.0.113.9/32", "203.0.113.0/24")
    assert address_blocks("::ffff:203.0.113.9") == address_blocks("203.0.113.9")
    assert address_blocks("2001:db8:1:2:3:4:5:6") == ("2001:db8:1:2::/64", "2001:db8:1::/48")
    with pytest.raises(ValueError, match="not an address"):
        address_blocks("nowhere")


def test_moving_within_one_ipv6_line_stays_in_one_bucket() -> None:
    lines = {address_blocks(f"2001:db8:1:2::{suffix:x}")[0] for suffix in range(1, 500)}
    assert len(lines) == 1
