"""The bytes of a sealed value: where they open, and that nothing else does."""

import os
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from hypothesis import given
from hypothesis import strategies as st

from kit.uuid7 import uuid7
from privacy.keystore.encoding import joined
from privacy.keystore.enums import Algorithm
from privacy.keystore.envelope import (
    HEADER_LENGTH,
    OVERHEAD,
    Place,
    generation_of,
    new_key,
    open_under,
    seal_under,
    unwrap,
    wrap,
)
from privacy.keystore.exceptions import KeyEncryptionKeyMissing, Tampered

KEY = new_key()
PLACE = Place("binding.phone", "row-1", UUID(int=7), "core")
ALGORITHMS = pytest.mark.parametrize("algorithm", list(Algorithm))


@ALGORITHMS
def test_opens_where_it_was_sealed(algorithm: Algorithm) -> None:
    sealed = seal_under(KEY, 3, "欧阳".encode(), PLACE, algorithm)
    assert open_under(KEY, sealed, PLACE) == "欧阳".encode()
    assert sealed[:2] == bytes([1, algorithm])
    assert generation_of(sealed) == 3
    assert len(sealed) == len("欧阳".encode()) + OVERHEAD == len("欧阳".encode()) + 32


@given(plaintext=st.binary(max_size=300), gen=st.integers(1, 2**15 - 1), algorithm=st.sampled_from(Algorithm))
def test_whatever_goes_in_comes_out(plaintext: bytes, gen: int, algorithm: Algorithm) -> None:
    assert open_under(KEY, seal_under(KEY, gen, plaintext, PLACE, algorithm), PLACE) == plaintext


@ALGORITHMS
def test_every_bit_of_every_byte_counts(algorithm: Algorithm) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, algorithm)
    for position in range(len(sealed)):
        for bit in range(8):
            altered = bytearray(sealed)
            altered[position] ^= 1 << bit
            with pytest.raises(Tampered):
                open_under(KEY, bytes(altered), PLACE)


@ALGORITHMS
def test_every_cut_is_noticed(algorithm: Algorithm) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, algorithm)
    for length in range(len(sealed)):
        with pytest.raises(Tampered):
            open_under(KEY, sealed[:length], PLACE)
    with pytest.raises(Tampered):
        open_under(KEY, sealed + b"\0", PLACE)


@ALGORITHMS
@pytest.mark.parametrize(
    "moved",
    [
        replace(PLACE, field_id="binding.name"),
        replace(PLACE, row_id="row-2"),
        replace(PLACE, subject=UUID(int=8)),
        replace(PLACE, klass="trade"),
        replace(PLACE, field_id="binding.phoner", row_id="ow-1"),  # the same letters, cut elsewhere
    ],
    ids=["column", "row", "subject", "class", "border"],
)
def test_opens_nowhere_else(algorithm: Algorithm, moved: Place) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, algorithm)
    with pytest.raises(Tampered):
        open_under(KEY, sealed, moved)


@ALGORITHMS
def test_another_key_does_not_open(algorithm: Algorithm) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, algorithm)
    with pytest.raises(Tampered):
        open_under(new_key(), sealed, PLACE)


@pytest.mark.parametrize(
    ("sealed_with", "claimed"),
    [(Algorithm.AES_256_GCM, Algorithm.SM4_GCM), (Algorithm.SM4_GCM, Algorithm.AES_256_GCM)],
)
def test_the_algorithm_cannot_be_exchanged(sealed_with: Algorithm, claimed: Algorithm) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, sealed_with)
    with pytest.raises(Tampered):
        open_under(KEY, sealed[:1] + bytes([claimed]) + sealed[2:], PLACE)


def test_the_header_is_authenticated_along() -> None:
    assert len({PLACE.associated(algorithm, gen) for algorithm in (1, 2) for gen in (1, 2)}) == 4


@pytest.mark.parametrize("algorithm", [0, 3, 255])
def test_an_unknown_algorithm_is_refused(algorithm: int) -> None:
    sealed = seal_under(KEY, 1, b"13800138000", PLACE, Algorithm.AES_256_GCM)
    with pytest.raises(Tampered):
        generation_of(sealed[:1] + bytes([algorithm]) + sealed[2:])


def test_sm4_gives_nothing_before_the_tag_is_checked() -> None:
    """The bare decryptor hands out forged plaintext; ours raises and hands out none."""
    key, nonce = os.urandom(16), os.urandom(12)
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    body = encryptor.update(b"pay 100") + encryptor.finalize()
    forged = bytes([body[0] ^ 1]) + body[1:]
    bare = Cipher(SM4(key), GCM(nonce, encryptor.tag)).decryptor()
    assert bare.update(forged) == b"qay 100"  # the control: this is what must not leave
    with pytest.raises(InvalidTag):
        bare.finalize()

    sealed = bytearray(seal_under(KEY, 1, b"pay 100", PLACE, Algorithm.SM4_GCM))
    sealed[HEADER_LENGTH] ^= 1
    released = b""
    with pytest.raises(Tampered) as refused:
        released = open_under(KEY, bytes(sealed), PLACE)
    assert released == b""
    assert refused.value.__cause__ is None
    assert "qay" not in str(refused.value)


def test_sm4_agrees_with_the_published_vector() -> None:
    """RFC 8998, appendix A.1: the cipher behind the tag is the standard's."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    associated = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plaintext = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    encryptor = Cipher(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    assert ciphertext.hex().upper() == (
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
    )
    assert encryptor.tag.hex().upper() == "83DE3541E4C2B58177E065A9BF7B62EC"


def test_two_seals_of_one_value_differ() -> None:
    assert seal_under(KEY, 1, b"x", PLACE, Algorithm.AES_256_GCM) != seal_under(
        KEY, 1, b"x", PLACE, Algorithm.AES_256_GCM
    )


@pytest.mark.parametrize(
    "changed",
    [{"subject": uuid7()}, {"klass": "trade"}, {"gen": 2}, {"epoch": 2}],
    ids=lambda d: next(iter(d)),
)
def test_a_wrapped_key_opens_only_as_what_it_is(changed: dict[str, object]) -> None:
    whose: dict[str, object] = {"subject": uuid7(), "klass": "core", "gen": 1, "epoch": 1}
    master, key = new_key(), new_key()
    wrapped = wrap(master, key, **whose)
    assert unwrap(master, wrapped, **whose) == key
    with pytest.raises(KeyEncryptionKeyMissing):
        unwrap(master, wrapped, **{**whose, **changed})
    with pytest.raises(KeyEncryptionKeyMissing):
        unwrap(new_key(), wrapped, **whose)


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_different_parts_never_read_the_same(one: list[bytes], other: list[bytes]) -> None:
    assert (joined(one) == joined(other)) == (one == other)
