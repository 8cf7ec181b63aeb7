"""What measurements ask for, known to who asks and to who answers."""

from dataclasses import dataclass

FLOOR = "/bench/fixed/"
"""The address of the view that does nothing."""


@dataclass(frozen=True)
class Shown:
    """What the measured pages are about, and the session cookies of those who may see them."""

    city: str
    campus: str
    booking: str
    """The address of a booking's page."""
    parent: str
    """Whose booking it is."""
    staff: str
    """Somebody from head office."""
