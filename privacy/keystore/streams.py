"""Long sealed files: chunks of 64 KiB that open in their order, for their file, and only as a whole.

Version 1, algorithm 1, key generation 2, salt 32; then chunks, each with a tag of 16 bytes. Every file has a
key of its own, derived from the subject's by the salt; a chunk's nonce is its number and whether it is the
last (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár 2015). So nothing can be cut off, put in
another order, or taken for another file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from privacy.keystore import store
from privacy.keystore.encoding import joined
from privacy.keystore.enums import Algorithm
from privacy.keystore.envelope import KEY_LENGTH, TAG_LENGTH
from privacy.keystore.exceptions import Tampered

CHUNK = 64 * 1024  # bytes of plaintext
_VERSION = 1
_SALT_LENGTH = 32
_HEADER_LENGTH = 4 + _SALT_LENGTH
_NOBODY, _BACKUP = UUID(int=0), "backup"
_NUMBER_LENGTH = 11  # of a nonce's twelve bytes; the twelfth says whether the chunk is the last


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> object: ...


class SealingStream:
    """Seals what is written to it into ``file``. Without ``finish()`` the file never opens to its end.

    Raises Erased, Frozen when it is made.
    """

    def __init__(self, file: Sink, *, name: str, subject: UUID, klass: str) -> None:
        key, gen = store.key_for_sealing(subject, klass)
        self._begin(file, key, gen, name, subject, klass)

    def _begin(self, file: Sink, key: bytes, gen: int, name: str, subject: UUID, klass: str) -> None:
        header = bytes([_VERSION, Algorithm.AES_256_GCM]) + gen.to_bytes(2, "big") + os.urandom(_SALT_LENGTH)
        self._cipher, self._associated = _of_file(key, header, name, subject, klass)
        self._file, self._held, self._number = file, bytearray(), 0
        file.write(header)

    def write(self, data: bytes) -> int:
        """Take ``data`` in; whole chunks go out, and one is held back, since it may be the last."""
        self._held += data
        while len(self._held) > CHUNK:
            self._put(bytes(self._held[:CHUNK]), last=False)
            del self._held[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk; nothing can follow it."""
        self._put(bytes(self._held), last=True)
        self._held.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._associated))
        self._number += 1


def open_stream(file: BinaryIO, *, name: str, subject: UUID, klass: str) -> Iterator[bytes]:
    """What was sealed into ``file``, in chunks, each handed out only once it is proved.

    Raises Erased, Frozen, and Tampered as soon as a chunk is not what was written there: whoever goes on to
    the end without it has the whole.
    """
    header = _header(file)
    key = store.key_for_opening(subject, klass, int.from_bytes(header[2:4], "big"))
    yield from _chunks(file, *_of_file(key, header, name, subject, klass))


class BackupStream(SealingStream):
    """Seals a backup: under a key of the house's, not a person's, which no erasure of anybody destroys."""

    def __init__(self, file: Sink, *, name: str, key: bytes) -> None:
        self._begin(file, key, 0, name, _NOBODY, _BACKUP)


def open_backup(file: BinaryIO, *, name: str, key: bytes) -> Iterator[bytes]:
    """What a BackupStream of that name wrote, as `open_stream` hands it out. Raises Tampered."""
    header = _header(file)
    yield from _chunks(file, *_of_file(key, header, name, _NOBODY, _BACKUP))


def _header(file: BinaryIO) -> bytes:
    header = file.read(_HEADER_LENGTH)
    if len(header) < _HEADER_LENGTH or header[:2] != bytes([_VERSION, Algorithm.AES_256_GCM]):
        raise Tampered("it is no sealed file")
    return header


def _chunks(file: BinaryIO, cipher: AESGCM, associated: bytes) -> Iterator[bytes]:
    number, chunk = 0, file.read(CHUNK + TAG_LENGTH)
    while True:
        following = file.read(CHUNK + TAG_LENGTH)
        try:
            opened = cipher.decrypt(_nonce(number, last=not following), chunk, associated)
        except InvalidTag:
            raise Tampered from None
        yield opened
        if not following:
            return
        number, chunk = number + 1, following


def _of_file(key: bytes, header: bytes, name: str, subject: UUID, klass: str) -> tuple[AESGCM, bytes]:
    associated = joined((b"leap sealed file", header, name.encode(), subject.bytes, klass.encode()))
    derive = HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=header[4:], info=b"leap sealed file")
    return AESGCM(derive.derive(key)), associated


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_LENGTH, "big") + bytes([last])
