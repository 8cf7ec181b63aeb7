"""Random names of rows, as pages and the API speak of them."""

import secrets

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which read as digits


def new_public_id() -> str:
    """128 random bits: the row's name in pages and the API."""
    return secrets.token_urlsafe(16)


def new_reference() -> str:
    """A short name to say on the phone, such as K7-305214. It opens nothing."""
    return f"{secrets.choice(_LETTERS)}{secrets.randbelow(10)}-{secrets.randbelow(10**6):06d}"
