"""Random names of requests, as pages, the API and people speak of them."""

import secrets
from hashlib import sha256

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that reads as something else
RECEIPT_LENGTH = 20  # letters, near a hundred random bits


def new_reference() -> str:
    """A short name to say on the phone, such as Q-4827316. It opens nothing."""
    return f"Q-{secrets.randbelow(10**7):07d}"


def new_receipt() -> str:
    """A receipt number, four groups of five: whoever has it sees how far its request has come."""
    return receipt_from(secrets.token_bytes(32))


def receipt_from(random: bytes) -> str:
    """The receipt number that stands for so many random bytes; 32 of them leave every letter as likely."""
    number, letters = int.from_bytes(random), ""
    for _ in range(RECEIPT_LENGTH):
        number, at = divmod(number, len(_LETTERS))
        letters += _LETTERS[at]
    return "-".join(letters[at : at + 5] for at in range(0, RECEIPT_LENGTH, 5))


def hash_of(receipt: str) -> str:
    """What is stored of a receipt number, however it was typed."""
    bare = "".join(letter for letter in receipt.upper() if letter.isalnum())
    return sha256(b"leap receipt " + bare.encode()).hexdigest()
