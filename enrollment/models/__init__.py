"""The trial: classes and their seats, bookings and every step they took, links that open one of them."""

from enrollment.models.bookings import BookingEvent, TrialBooking, TrialBookingQuerySet
from enrollment.models.classes import ClassSession, ClassSessionQuerySet
from enrollment.models.links import ManageLink, ManageLinkQuerySet

__all__ = [
    "BookingEvent",
    "ClassSession",
    "ClassSessionQuerySet",
    "ManageLink",
    "ManageLinkQuerySet",
    "TrialBooking",
    "TrialBookingQuerySet",
]
