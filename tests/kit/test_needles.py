"""Values are found in whatever spelling and packing they lie about, and nothing else is."""

import base64
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.needles import Needles, TooShort, Value, search, spellings
from kit.needles.lzf import unpack, within

VALUES: list[Value] = [
    "+8613800001234",
    "小豆包爱唱歌",
    UUID("01a2052a-8226-7fed-b1eb-a7ca4cffac2f"),
    bytes(range(32)),
]
CHUNK = 1 << 20


def pieces(data: bytes, size: int = CHUNK) -> Iterator[bytes]:
    yield from (data[at : at + size] for at in range(0, len(data), size))


def found(needles: Needles, data: bytes, size: int = CHUNK) -> set[int]:
    return {hit.value for hit in search(needles, pieces(data, size)).hits}


def zipped(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", data)
    return file.getvalue()


def as_session(data: bytes) -> bytes:
    return b"." + base64.urlsafe_b64encode(zlib.compress(data)).rstrip(b"=")


PACKINGS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    zlib.compress,
    zipped,
    as_session,
    lambda data: gzip.compress(zlib.compress(data)),
]


@pytest.mark.parametrize("pack", PACKINGS)
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_every_spelling_is_found_in_every_packing(value: Value, pack: Callable[[bytes], bytes]) -> None:
    needles = Needles([value])
    for name, spelled in spellings(value):
        for before in range(4):
            packed = b"x" * before + pack(b"before " + spelled + b" after") + b"behind"
            assert found(needles, packed) == {0}, (name, before)


def test_the_ways_people_and_programs_write_a_number() -> None:
    needles = Needles(["+8613800001234"])
    for text in (
        "13800001234",
        "138 0000 1234",
        "138-0000-1234",
        "138****1234",
        "%2B8613800001234",
        "43210000831",
        "&#49;&#51;&#56;&#48;&#48;&#48;&#48;&#49;&#50;&#51;&#52;",
    ):
        assert found(needles, f"…{text}…".encode()) == {0}, text
    assert found(needles, "…13800001234…".encode("utf-16-le")) == {0}
    assert found(needles, (13800001234).to_bytes(8, "little")) == {0}


def test_chinese_in_the_encodings_it_is_kept_in() -> None:
    needles = Needles(["小豆包爱唱歌"])
    for spelled in (
        "小豆包爱唱歌".encode("gbk"),
        rb"\u5c0f\u8c46\u5305\u7231\u5531\u6b4c",
        rb"\\u5c0f\\u8c46\\u5305\\u7231\\u5531\\u6b4c",
        b"%E5%B0%8F%E8%B1%86%E5%8C%85%E7%88%B1%E5%94%B1%E6%AD%8C",
        "歌唱爱包豆小".encode(),
    ):
        assert found(needles, b"..." + spelled + b"...") == {0}, spelled


@given(place=st.integers(0, 3 * CHUNK // 2), size=st.sampled_from([64 * 1024, 100_003, CHUNK]))
def test_what_lies_across_two_pieces_is_found(place: int, size: int) -> None:
    needles = Needles([VALUES[1]])
    data = b"\0" * place + "小豆包爱唱歌".encode() + b"\0" * 50

    assert found(needles, data, size) == {0}


def test_packed_streams_across_many_pieces_are_read_to_their_end() -> None:
    secret = "小豆包爱唱歌".encode()
    packed = gzip.compress(os.urandom(3 * CHUNK) + secret + os.urandom(CHUNK))

    assert found(Needles([VALUES[1]]), b"before" + packed) == {0}


def test_nothing_is_found_where_nothing_is() -> None:
    needles = Needles([*VALUES, *(uuid4() for _ in range(50))])
    others = "".join(f"{uuid4()} 1390000{n:04d} 小豆包爱跳舞 138****9999\n" for n in range(3000)).encode()

    assert found(needles, others + os.urandom(CHUNK) + bytes(CHUNK)) == set()


def test_a_value_like_any_other_is_refused_without_naming_it() -> None:
    with pytest.raises(TooShort) as refused:
        Needles(["305214"])
    assert "305214" not in str(refused.value)


def test_what_only_looks_packed_ends_at_once() -> None:
    looks_like = b"\x1f\x8b\x08" + b"\x78\x9c" * 1000 + b"PK\x03\x04" * 100 + b"eJxAAAAAAAAAAAAAAA"

    assert found(Needles(VALUES), looks_like + "小豆包爱唱歌".encode()) == {1}


def test_redis_strings_are_unpacked() -> None:
    # As Redis writes 26 times "a" and then "end": a literal, a copy of itself, a literal.
    packed = b"\x00a" + b"\xe0\x10\x00" + b"\x02end"
    real = 1 + 7 + 16 + 2 + 3

    assert unpack(packed, real) == b"a" * (real - 3) + b"end"
    assert unpack(packed, real + 1) is None
    assert unpack(b"\x20\xff", 30) is None
    assert list(within(b"\xc3" + bytes([len(packed), real]) + packed, 1)) == [b"a" * (real - 3) + b"end"]
