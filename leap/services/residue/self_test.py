"""Whether the search finds what lies about: copies in each place and spelling, packed ones too."""

from __future__ import annotations

import base64
import gzip
import io
import os
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from uuid import uuid4

from kit.needles import Hit, Needles, Value, spellings
from leap.services.residue.places import places
from leap.services.residue.planting import in_databases, in_files, in_redis
from leap.services.residue.reach import Reach
from leap.services.residue.scanning import PlaceReport, Tell, look

_WORDS = "这是一句很长的话，反复说了很多遍。"
_TEXT_ALONE = {"dump", "custom_dump"}


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", text)
    return file.getvalue()


def _session(text: str) -> bytes:
    return b"." + base64.urlsafe_b64encode(zlib.compress(text.encode())).rstrip(b"=")


_PACKING: Mapping[str, Callable[[str], bytes]] = {
    "gzip": lambda text: gzip.compress(text.encode()),
    "zlib": lambda text: zlib.compress(text.encode()),
    "zip": _zipped,
    "session": _session,
}
_SLOW_LOG_KEEPS = 128  # bytes of an argument


class Sentinels:
    """Values nobody has, and how they are planted: each spelling, and one value for each way of packing."""

    def __init__(self) -> None:
        token = secrets.token_hex(4)
        number = f"+8619{secrets.randbelow(10**9):09d}"
        plain: list[Value] = [f"哨兵{token}号", number, uuid4(), os.urandom(32)]
        self.packed = {name: f"哨兵{secrets.token_hex(6)}" for name in (*_PACKING, "long")}
        self.values: list[Value] = [*plain, *self.packed.values()]
        self.spelled = [(Hit(n, name), raw) for n, v in enumerate(plain) for name, raw in spellings(v)]

    def blobs(self) -> Iterator[bytes]:
        """Every spelling, then the packed ones."""
        yield from (raw for _, raw in self.spelled)
        yield from (pack(self.packed[name]) for name, pack in _PACKING.items())

    def long(self) -> str:
        """A text that PostgreSQL and Redis compress when they store it: their files no longer show it."""
        return _WORDS * 300 + self.packed["long"] + _WORDS * 300 + self.packed["long"]

    def texts(self) -> Iterator[str]:
        """What a text column takes."""
        yield from (raw.decode() for _, raw in self.spelled if _is_text(raw))
        yield _PACKING["session"](self.packed["session"]).decode()
        yield self.long()

    def missed(self, report: PlaceReport) -> list[str]:
        """The spellings and packings that should have been found there and were not."""
        text = report.name in _TEXT_ALONE
        longest = _SLOW_LOG_KEEPS if report.name == "slow_log" else len(self.long())
        due = {hit for hit, raw in self.spelled if len(raw) <= longest and (not text or _is_text(raw))}
        names = {f"{hit.spelling} of value {hit.value}" for hit in due - report.spelled}
        found = {hit.value for hit in report.spelled}
        first = len(self.values) - len(self.packed)
        return sorted(names | {
            f"packed as {name}"
            for at, name in enumerate(self.packed, first)
            if name in _packings_of(report.name) and at not in found
        })  # fmt: skip


def self_test(*, reach: Reach | None = None, tell: Tell | None = None) -> dict[str, list[str]]:
    """Plant, look, take away. What was missed, by place; a place without entry is out of reach."""
    stores, sentinels = reach or Reach.here(), Sentinels()
    with _planted(stores, sentinels):
        reports = look(Needles(sentinels.values), places(stores), tell)
    return {report.name: sentinels.missed(report) for report in reports if not report.unreached}


@contextmanager
def _planted(reach: Reach, sentinels: Sentinels) -> Iterator[None]:
    with ExitStack() as plants:
        for folder in ("log", "media", "media/exports", "backups", "run"):
            plants.enter_context(in_files(reach.home.root / folder, sentinels.blobs()))
        plants.enter_context(in_redis(reach.redis_url, [*sentinels.blobs(), sentinels.long().encode()]))
        for database in reach.urls:
            plants.enter_context(in_databases(reach, database, sentinels.texts(), sentinels.blobs()))
        yield


def _packings_of(place: str) -> set[str]:
    if place in _TEXT_ALONE:
        return {"session", "long"}  # the long one is what PostgreSQL compresses
    if place == "slow_log":
        return set(_PACKING) - {"zip"}  # longer than that
    return set(_PACKING) | ({"long"} if place in {"redis", "redis_values"} else set())


def _is_text(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False
