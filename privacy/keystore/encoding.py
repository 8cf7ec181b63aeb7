"""Length-prefixed parts: two different lists of parts never read the same once joined."""

from collections.abc import Iterable


def joined(parts: Iterable[bytes]) -> bytes:
    """Each part behind its length in four bytes, big-endian."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
