"""Closed lists as columns hold them: their words may change without the database hearing of it."""

from typing import Any

from django.db.models import TextChoices


class ClosedList(TextChoices):
    """Values that stay, labels that may be reworded.

    A column takes ``choices=State.labelled``: migrations then name the list and not its words, so that a
    reworded label makes none. Which values the column takes is the business of a CHECK.
    """

    @classmethod
    def labelled(cls) -> list[tuple[str, Any]]:
        """Each value with its label."""
        return cls.choices
