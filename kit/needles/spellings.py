"""How a value may lie about: encodings, escapes, the ways people write and mask a number."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

Value = str | bytes | UUID
LEAST = 7  # bytes; what is shorter would be found in any heap
_MOBILE = re.compile(r"(?:\+86)?(1\d{10})")


class TooShort(ValueError):
    """A value of fewer than seven bytes, which chance would find. Its words never hold the value."""


def spellings(value: Value) -> Iterator[tuple[str, bytes]]:
    """Each way once, under its name. Raises TooShort."""
    if isinstance(value, str | bytes) and len(value.encode() if isinstance(value, str) else value) < LEAST:
        raise TooShort("A value is too short to be searched for.")
    seen: set[bytes] = set()
    for name, spelled in _ways(value):
        if len(spelled) >= LEAST and spelled not in seen:
            seen.add(spelled)
            yield name, spelled


def _ways(value: Value) -> Iterator[tuple[str, bytes]]:
    if isinstance(value, UUID):
        yield from _of_bytes(value.bytes)
        yield from _of_text(str(value))
    elif isinstance(value, bytes):
        yield from _of_bytes(value)
    else:
        yield from _of_text(value)
        if (number := _MOBILE.fullmatch(value)) is not None:
            yield from _of_number(number[1])


def _of_text(text: str) -> Iterator[tuple[str, bytes]]:
    plain = text.encode()
    yield "utf-8", plain
    yield "upper", text.upper().encode()
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "gb18030", text.encode("gb18030")
    yield "reversed", text[::-1].encode()
    yield "reversed bytes", plain[::-1]
    yield from _encoded(plain)
    yield from _escaped(text)


def _of_bytes(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "bytes", raw
    yield "reversed bytes", raw[::-1]
    yield from _encoded(raw)


def _encoded(raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for offset in range(3):  # base64 says the same in three ways, by where it begins
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            text = encode(b"\0" * offset + raw)
            yield (
                name,
                text[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6],
            )  # what follows from raw alone


def _escaped(text: str) -> Iterator[tuple[str, bytes]]:
    yield from _with_backslashes("json", json.dumps(text)[1:-1])
    for form in ("04x", "04X"):
        units = text.encode("utf-16-be")
        pairs = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
        yield from _with_backslashes("json, each letter", "".join(f"\\u{pair:{form}}" for pair in pairs))
    yield "html", html.escape(text).encode()
    yield "html, decimal", text.encode("ascii", "xmlcharrefreplace")
    yield "html, each letter", "".join(f"&#{ord(letter)};" for letter in text).encode()
    for form in ("x", "X"):
        yield "html, each letter in hex", "".join(f"&#x{ord(letter):{form}};" for letter in text).encode()
    yield "url", quote(text, safe="").encode()
    yield "url, small", re.sub("%..", lambda code: code[0].lower(), quote(text, safe="")).encode()


def _with_backslashes(name: str, text: str) -> Iterator[tuple[str, bytes]]:
    """As it is, and as a plain dump or a second round of escaping doubles them."""
    yield name, text.encode()
    yield name, text.replace("\\", "\\\\").encode()


def _of_number(number: str) -> Iterator[tuple[str, bytes]]:
    head, middle, tail = number[:3], number[3:7], number[7:]
    yield from (("national", number.encode()), ("international", f"+86{number}".encode()))
    for between in (" ", "-", "\u00a0"):
        yield "in groups", between.join((head, middle, tail)).encode()
    for covered in ("****", "••••", "xxxx", "\uff0a" * 4):
        yield "masked", f"{head}{covered}{tail}".encode()
        yield "masked, utf-16", f"{head}{covered}{tail}".encode("utf-16-le")
    yield "integer", int(number).to_bytes(8, "little")
    yield "integer, big end first", int(number).to_bytes(8, "big")
    yield from ((f"national, {name}", spelled) for name, spelled in _of_text(number))
