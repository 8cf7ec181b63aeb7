"""Finding a sealed value without opening any: a keyed digest beside it, each field under its own key."""

import hashlib
import hmac
from collections.abc import Mapping
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# Who looks a value up and writes it if it is not there holds this advisory lock, shared, until the end of the
# transaction: a new key is in use everywhere once a rotation had it alone.
SWITCH = "leap blind index switch"
INDEX_LENGTH = 32  # hex characters, 16 bytes


def blind_index(field_id: str, value: str) -> str:
    """The index of ``value`` in the field ``field_id``: 32 hex characters, the same for the same value.

    It tells who holds the database which rows are equal, and nothing else; who holds the key too can try all
    mainland numbers in half an hour, so look-ups are limited and an erasure clears the index with the value.
    """
    return blind_indexes(field_id, value)[0]


def blind_indexes(field_id: str, value: str) -> list[str]:
    """The same under every key there is, the newest first: what a look-up asks for while they are rotated."""
    keys: Mapping[int, bytes] = settings.INDEX_KEYS
    return [_index(keys[number], field_id, value) for number in sorted(keys, reverse=True)]


def _index(key: bytes, field_id: str, value: str) -> str:
    return hmac.new(_key_of_field(key, field_id), value.encode(), hashlib.sha256).hexdigest()[:INDEX_LENGTH]


@lru_cache(maxsize=256)
def _key_of_field(index_key: bytes, field_id: str) -> bytes:
    info = b"leap blind index " + field_id.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(index_key)
