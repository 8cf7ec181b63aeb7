"""Random names of rows, as pages, the API and people speak of them."""

import secrets

from kit.public_id import new_public_id

__all__ = ["new_public_id", "new_reference"]

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # no I and O, which read as digits


def new_reference() -> str:
    """A short name to say on the phone, such as K7-305214. It opens nothing."""
    return f"{secrets.choice(_LETTERS)}{secrets.randbelow(10)}-{secrets.randbelow(10**6):06d}"
