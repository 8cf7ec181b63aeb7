"""What can be wrong with what is asked about a child. None of them quotes what was typed."""

from typing import Literal

from django.utils.functional import Promise

ChildField = Literal["nickname", "birth_month"]


class ChildInvalid(ValueError):
    """What was typed about a child cannot be kept: ``field``, and ``hint``, a sentence for who typed it."""

    place = 0
    """Which of several children named at once it is, from 1; whoever takes several writes it."""

    def __init__(self, field: ChildField, hint: str | Promise) -> None:
        super().__init__(f"the {field} cannot be kept")
        self.field: ChildField = field
        self.hint = hint


class ChildUnknown(LookupError):
    """The guardian has no such child, whether or not somebody else has."""

    place = 0
    """As `ChildInvalid.place`."""


class NotTheGuardian(PermissionError):
    """Somebody other than the guardian reached for a child."""


class InvitationUnknown(LookupError):
    """No invitation has such a link."""


class InvitationOver(Exception):
    """The invitation was accepted by somebody else, withdrawn, or has run out."""


class GuardianshipRefused(ValueError):
    """Nobody joins the child this way: ``hint``, a sentence for who tried."""

    def __init__(self, hint: str | Promise) -> None:
        super().__init__("the guardianship was refused")
        self.hint = hint
