"""Calendar files as RFC 5545 writes them: lines, folding, values, the zone. Others say what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.utils import timezone

_LONGEST_LINE = 75  # octets, without the line break (3.1)
# Without changes of the clock since 1991, one block says all of the zone there is.
_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)


def calendar_file(inside: Iterable[str], *, of: str, method: str, name: str = "") -> bytes:
    """A whole calendar with the lines of its events.

    ``of`` says which part of us wrote it, ``method`` is RFC 5546's, ``name`` is what subscribers call it.
    """
    return b"".join(_folded(line) for line in _lines(inside, of, method, name))


def content_type(method: str) -> str:
    """The media type of a file with that method."""
    return f"text/calendar; charset=utf-8; method={method}"


def utc(at: datetime) -> str:
    """A moment, as a DATE-TIME in UTC (3.3.5)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def local(at: datetime) -> str:
    """A moment, as the clock of the file's own zone shows it; its property names the zone."""
    return f"{timezone.localtime(at):%Y%m%dT%H%M%S}"


def text(value: str) -> str:
    """A TEXT value (3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _lines(inside: Iterable[str], of: str, method: str, name: str) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Leap Space//{of}//ZH", "CALSCALE:GREGORIAN")
    yield f"METHOD:{method}"
    if name:
        yield from (f"NAME:{text(name)}", f"X-WR-CALNAME:{text(name)}")  # RFC 7986, and what came before it
    yield from _ZONE
    yield from inside
    yield "END:VCALENDAR"


def _folded(line: str) -> bytes:
    """A content line, broken before its 76th octet and never inside a character."""
    rows, row = [], b""
    for character in line:
        octets = character.encode()
        if len(row) + len(octets) > _LONGEST_LINE:
            rows.append(row)
            row = b" "
        row += octets
    return b"\r\n".join([*rows, row]) + b"\r\n"
