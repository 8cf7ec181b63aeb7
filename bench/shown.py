"""What measurements ask for, known to who asks and to who answers."""

from dataclasses import dataclass

FLOOR = "/bench/fixed/"
"""The address of the view that does nothing."""

PLAIN_BOOKING = "/bench/booked/"
"""The address of the view that books without any rule."""


@dataclass(frozen=True)
class Shown:
    """What the measured pages are about, and the session cookies of those who may see them."""

    city: str
    campus: str
    day: str
    """On which that campus has its next classes."""
    booking: str
    """The address of a booking's page."""
    parent: str
    """Whose booking it is."""
    head_office: str
    at_the_desk: str
    """Somebody of that campus."""
