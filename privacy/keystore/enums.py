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
    """Keys that are numbered: those that wrap what is known about children are apart from all others."""

    MAIN = "main", "main"
    MINORS = "minors", "minors"
    INDEX = "index", "index"  # of blind indexes; wraps nothing


class Algorithm(IntEnum):
    """The second byte of a sealed value."""

    AES_256_GCM = 1
    SM4_GCM = 2  # RFC 8998; GB/T 32907
