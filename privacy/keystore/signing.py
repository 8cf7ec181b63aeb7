"""Signing what leaves the house: anybody can prove that it is ours and unchanged (Ed25519, RFC 8032)."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings

from privacy.keystore.exceptions import Tampered


def sign(message: bytes) -> bytes:
    """The signature of ``message`` under ``settings.SIGNING_KEY``; 64 bytes."""
    return _private().sign(message)


def verify(message: bytes, signature: bytes, *, public_pem: bytes | None = None) -> None:
    """Raises Tampered unless ``signature`` is of ``message``, by the key of ours or the one given."""
    try:
        load_pem_public_key(public_pem or public_key_pem()).verify(signature, message)  # type: ignore[call-arg,union-attr]  # of whichever kind; ours is Ed25519
    except InvalidSignature:
        raise Tampered("its signature is not of these bytes") from None


def public_key_pem() -> bytes:
    """The public key as PEM, as `openssl pkeyutl` takes it."""
    return _private().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_fingerprint() -> str:
    """SHA-256 of the public key's DER, in hex: by which a signature names its key."""
    der = _private().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def _private() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(settings.SIGNING_KEY)
