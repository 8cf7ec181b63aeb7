"""What can go wrong with a sealed value. No message ever holds a value, a key or a person's id."""


class SealError(Exception):
    """A value that cannot be sealed or opened. Catch the one you mean."""


class Erased(SealError):
    """The subject's key of this class was destroyed: nobody reads the value, nor writes a new one."""

    def __init__(self) -> None:
        super().__init__("The key of this subject and class was destroyed.")


class Frozen(SealError):
    """The subject's key of this class is frozen: neither reading nor writing until it is thawed."""

    def __init__(self, what: str = "frozen") -> None:
        super().__init__(f"The key of this subject and class is {what}.")


class Restricted(Frozen):
    """The person had the use of their data restricted, and this is none of what it may still be used for."""

    def __init__(self) -> None:
        super().__init__("restricted")


class Tampered(SealError):
    """The bytes are not what was sealed for this field, row, subject and class."""

    def __init__(self, why: str = "its tag does not match") -> None:
        super().__init__(f"A sealed value does not open: {why}.")


class KeyEncryptionKeyMissing(SealError):
    """The key of keys of an epoch is not the one that wrapped a stored key, or is not configured at all."""

    def __init__(self, epoch: int, *, setting: str = "LEAP_KEY_ENCRYPTION_KEYS") -> None:
        super().__init__(
            f"{setting} holds no key, or another one, for epoch {epoch}, which wraps stored "
            "keys. Put the key back: without it every value sealed under that epoch stays unreadable."
        )
