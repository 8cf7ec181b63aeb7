"""Random names of rows, as addresses and the API speak of them."""

import secrets


def new_public_id() -> str:
    """128 random bits, in 22 characters that need no quoting in an address."""
    return secrets.token_urlsafe(16)
