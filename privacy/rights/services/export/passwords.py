"""The password of a package: random, and read off a screen without a doubt."""

import secrets

_LETTERS = "ACDEFHJKMNPQRTVWXY34679"  # none that reads as another: no B 8, G, I L 1, O 0, S 5, U, Z 2
_GROUPS, _GROUP = 4, 5  # twenty letters of twenty-three: ninety random bits


def new_password() -> str:
    """Four groups of five letters and digits, with a hyphen between them, which is part of it."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
