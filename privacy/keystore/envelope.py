"""The bytes of a sealed value: version 1, algorithm 1, key generation 2, nonce 12, ciphertext, tag 16."""

import os
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.keystore.encoding import joined
from privacy.keystore.enums import Algorithm
from privacy.keystore.exceptions import KeyEncryptionKeyMissing, Tampered

VERSION = 1
NONCE_LENGTH = 12
TAG_LENGTH = 16
HEADER_LENGTH = 4 + NONCE_LENGTH
OVERHEAD = HEADER_LENGTH + TAG_LENGTH  # bytes a sealed value is longer than what it holds
KEY_LENGTH = 32
_ALGORITHMS = frozenset(map(int, Algorithm))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value belongs. A value opens there and nowhere else."""

    field_id: str
    row_id: str
    subject: UUID
    klass: str

    def associated(self, algorithm: int, gen: int) -> bytes:
        """The data authenticated along with the value, header fields included."""
        header = (bytes([VERSION]), bytes([algorithm]), gen.to_bytes(2, "big"))
        return joined(
            (*header, self.field_id.encode(), self.row_id.encode(), self.subject.bytes, self.klass.encode())
        )


def seal_under(key: bytes, gen: int, plaintext: bytes, place: Place, algorithm: Algorithm) -> bytes:
    """The sealed value. Random nonces are safe for 2^32 values a key, of which a person has hundreds."""
    nonce = os.urandom(NONCE_LENGTH)
    associated = place.associated(algorithm, gen)
    if algorithm == Algorithm.SM4_GCM:
        body = _sm4_seal(key, nonce, plaintext, associated)
    else:
        body = AESGCM(key).encrypt(nonce, plaintext, associated)
    return bytes([VERSION, algorithm]) + gen.to_bytes(2, "big") + nonce + body


def generation_of(sealed: bytes) -> int:
    """Which generation of the key a sealed value asks for. Raises Tampered when it is no sealed value."""
    if len(sealed) < OVERHEAD:
        raise Tampered("it is too short")
    if sealed[0] != VERSION or sealed[1] not in _ALGORITHMS:
        raise Tampered("its version or algorithm is unknown")
    return int.from_bytes(sealed[2:4], "big")


def open_under(key: bytes, sealed: bytes, place: Place) -> bytes:
    """What was sealed. Raises Tampered, and then has released not one byte of it."""
    gen = generation_of(sealed)
    nonce, body = sealed[4:HEADER_LENGTH], sealed[HEADER_LENGTH:]
    associated = place.associated(sealed[1], gen)
    try:
        if sealed[1] == Algorithm.SM4_GCM:
            return _sm4_open(key, nonce, body, associated)
        return AESGCM(key).decrypt(nonce, body, associated)
    except InvalidTag:
        raise Tampered from None


def _sm4_key(key: bytes) -> bytes:
    # SM4 takes 16 bytes; a derived key keeps the two ciphers from ever sharing one.
    return HKDF(algorithm=SHA256(), length=16, salt=None, info=b"leap sealed value sm4-gcm").derive(key)


def _sm4_seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    encryptor = Cipher(SM4(_sm4_key(key)), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(associated)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def _sm4_open(key: bytes, nonce: bytes, body: bytes, associated: bytes) -> bytes:
    ciphertext, tag = body[:-TAG_LENGTH], body[-TAG_LENGTH:]
    decryptor = Cipher(SM4(_sm4_key(key)), GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(associated)
    # update() hands out plaintext before the tag is checked; it leaves here only once finalize() agreed.
    unverified = decryptor.update(ciphertext)
    return unverified + decryptor.finalize()


def new_key() -> bytes:
    """A fresh key for a subject and class."""
    return os.urandom(KEY_LENGTH)


def wrap(key_encryption_key: bytes, key: bytes, *, subject: UUID, klass: str, gen: int, epoch: int) -> bytes:
    """A subject's key under the key of keys of an epoch, bound to whose and which it is."""
    nonce = os.urandom(NONCE_LENGTH)
    return nonce + AESGCM(key_encryption_key).encrypt(nonce, key, _wrapping_data(subject, klass, gen, epoch))


def unwrap(
    key_encryption_key: bytes, wrapped: bytes, *, subject: UUID, klass: str, gen: int, epoch: int
) -> bytes:
    """The subject's key. Raises KeyEncryptionKeyMissing: another key of keys, or a row moved or altered."""
    nonce, body = wrapped[:NONCE_LENGTH], wrapped[NONCE_LENGTH:]
    try:
        return AESGCM(key_encryption_key).decrypt(nonce, body, _wrapping_data(subject, klass, gen, epoch))
    except InvalidTag:
        raise KeyEncryptionKeyMissing(epoch) from None


def _wrapping_data(subject: UUID, klass: str, gen: int, epoch: int) -> bytes:
    parts = (
        b"leap subject key",
        subject.bytes,
        klass.encode(),
        gen.to_bytes(2, "big"),
        epoch.to_bytes(4, "big"),
    )
    return joined(parts)
