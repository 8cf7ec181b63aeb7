"""What goes wrong between a declaration and its use. No message ever holds a value."""


class SubjectMissing(ValueError):
    """A value cannot be sealed: its row leads to nobody."""

    def __init__(self, field: str, path: str) -> None:
        super().__init__(f"{field} cannot be sealed: {path} leads to no subject id. Set it first.")


class SealedValueMoved(ValueError):
    """A row is saved with a sealed value that belongs to another row or subject."""

    def __init__(self, field: str) -> None:
        super().__init__(
            f"{field} was sealed for another row or subject. Read it before the change, assign it after."
        )
