"""Long sealed files open whole, in order, for their own name and subject, or not at all."""

import io
import tracemalloc
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.uuid7 import uuid7
from privacy.keystore.services import Erased, Frozen, Tampered, destroy_keys, freeze_keys
from privacy.keystore.signing import public_key_pem, sign, verify
from privacy.keystore.streams import CHUNK, SealingStream, open_stream

pytestmark = pytest.mark.django_db(databases="__all__")
HEADER, SEALED_CHUNK = 36, CHUNK + 16


def sealed(data: bytes, subject: UUID, name: str = "a") -> bytes:
    file = io.BytesIO()
    stream = SealingStream(file, name=name, subject=subject, klass="export")
    for start in range(0, len(data), 1000):
        stream.write(data[start : start + 1000])
    stream.finish()
    return file.getvalue()


def opened(blob: bytes, subject: UUID, name: str = "a") -> bytes:
    return b"".join(open_stream(io.BytesIO(blob), name=name, subject=subject, klass="export"))


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_what_was_sealed_opens(length: int) -> None:
    subject, data = uuid7(), bytes(index % 251 for index in range(length))
    blob = sealed(data, subject)
    assert opened(blob, subject) == data
    assert length < 20 or data[:20] not in blob


def test_the_same_bytes_never_look_the_same() -> None:
    subject = uuid7()
    assert sealed(b"x" * 50, subject)[HEADER:] != sealed(b"x" * 50, subject)[HEADER:]


@pytest.mark.parametrize("chunks", [0, 1, 2])
def test_a_file_cut_between_chunks_is_refused(chunks: int) -> None:
    subject = uuid7()
    blob = sealed(b"x" * (3 * CHUNK), subject)
    with pytest.raises(Tampered):
        opened(blob[: HEADER + chunks * SEALED_CHUNK], subject)


def test_a_file_that_was_never_finished_is_refused() -> None:
    subject, file = uuid7(), io.BytesIO()
    SealingStream(file, name="a", subject=subject, klass="export").write(b"x" * (2 * CHUNK))
    with pytest.raises(Tampered):
        opened(file.getvalue(), subject)


@settings(max_examples=60)
@given(st.data())
def test_a_flipped_bit_anywhere_is_refused(data: st.DataObject) -> None:
    subject = uuid7()
    blob = bytearray(sealed(b"x" * (CHUNK + 100), subject))
    at = data.draw(st.one_of(st.integers(0, HEADER + 20), st.integers(0, len(blob) - 1)))
    blob[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Tampered):
        opened(bytes(blob), subject)


def test_chunks_put_in_another_order_or_twice_are_refused() -> None:
    subject = uuid7()
    blob = sealed(b"x" * (3 * CHUNK), subject)
    head, body = blob[:HEADER], blob[HEADER:]
    first, second, third = (body[at : at + SEALED_CHUNK] for at in range(0, len(body), SEALED_CHUNK))
    for order in (
        (second, first, third),
        (first, first, second, third),
        (first, third),
        (first, second, third, third),
    ):
        with pytest.raises(Tampered):
            opened(head + b"".join(order), subject)


def test_a_chunk_of_another_file_is_refused() -> None:
    subject = uuid7()
    one, other = sealed(b"x" * (2 * CHUNK), subject), sealed(b"y" * (2 * CHUNK), subject)
    with pytest.raises(Tampered):
        opened(one[: HEADER + SEALED_CHUNK] + other[HEADER + SEALED_CHUNK :], subject)


def test_it_opens_for_its_own_name_subject_and_class_alone() -> None:
    subject, other = uuid7(), uuid7()
    blob = sealed(b"x", subject)
    sealed(b"y", other)
    with pytest.raises(Tampered):
        opened(blob, subject, name="b")
    with pytest.raises(Tampered):
        opened(blob, other)
    with pytest.raises(Tampered):
        list(open_stream(io.BytesIO(blob), name="a", subject=subject, klass="core"))


def test_without_its_key_it_is_gone() -> None:
    subject = uuid7()
    blob = sealed(b"x", subject)
    freeze_keys(subject)
    with pytest.raises(Frozen):
        opened(blob, subject)
    destroy_keys(subject)
    with pytest.raises(Erased):
        opened(blob, subject)
    with pytest.raises(Erased):
        sealed(b"x", subject)


def test_memory_does_not_grow_with_the_file() -> None:
    subject = uuid7()

    def peak(chunks: int) -> int:
        stream = SealingStream(Nowhere(), name="a", subject=subject, klass="export")
        tracemalloc.start()
        for _ in range(chunks):
            stream.write(b"x" * CHUNK)
        stream.finish()
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    low, high = (peak(chunks) for chunks in (4, 64))
    assert high < low + CHUNK


class Nowhere:
    def write(self, data: bytes) -> None: ...


def test_a_signature_is_of_these_bytes_and_of_this_key() -> None:
    signature = sign(b"manifest")
    verify(b"manifest", signature, public_pem=public_key_pem())
    for message, name in (
        (b"manifesT", signature),
        (b"manifest", signature[:-1] + bytes([signature[-1] ^ 1])),
    ):
        with pytest.raises(Tampered):
            verify(message, name)


def test_numbers_make_different_nonces() -> None:
    from privacy.keystore.streams import _nonce

    nonces = [_nonce(number, last=last) for number in range(300) for last in (False, True)]
    assert len(set(nonces)) == 600
    assert all(len(one) == len(other) == 12 for one, other in pairwise(nonces))
