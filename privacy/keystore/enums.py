"""States of a key, and the ways a value can be sealed."""

from enum import IntEnum

from django.db.models import TextChoices


class KeyState(TextChoices):
    """What a subject's key may be used for."""

    ACTIVE = "active", "active"
    FROZEN = "frozen", "frozen"
    RESTRICTED = "restricted", "restricted"  # stored, and used for what the law names alone (PIPL 44, 47)
    DESTROYED = "destroyed", "destroyed"


class KeySet(TextChoices):
    """Which keys of keys wrap a subject's key: a child's are apart from everybody else's."""

    MAIN = "main", "main"
    MINORS = "minors", "minors"


class Algorithm(IntEnum):
    """The second byte of a sealed value."""

    AES_256_GCM = 1
    SM4_GCM = 2  # RFC 8998; GB/T 32907
