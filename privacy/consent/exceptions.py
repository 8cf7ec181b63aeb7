"""What can be wrong with an agreement or with a document."""

from collections.abc import Sequence


class ConsentError(Exception):
    """Nothing was recorded."""


class AgreementsRequired(ConsentError):
    """Documents that had to be agreed to were not: ``missing`` names them."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"not agreed to: {', '.join(missing)}")
        self.missing = list(missing)


class DocumentStale(ConsentError):
    """The version agreed to is not the one in force: the person has to see ``document`` again."""

    def __init__(self, document: str) -> None:
        super().__init__(f"{document}: another version is in force")
        self.document = document


class DocumentUnknown(ConsentError):
    """There is no such document, or no version of it is in force yet."""

    def __init__(self, document: str) -> None:
        super().__init__(f"{document}: no such document in force")
        self.document = document


class EditionRefused(ConsentError):
    """A document cannot be published as its file stands; the message says what to do."""
