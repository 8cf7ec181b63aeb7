"""The trial: classes and their seats, bookings and every step they took, links that open one of them,
who waits for a seat, what staff changed."""

from enrollment.models.booking_queries import TrialBookingQuerySet
from enrollment.models.bookings import TrialBooking
from enrollment.models.changes import ClassChange, LedgerProof, TeacherFeed
from enrollment.models.classes import ClassSession, ClassSessionQuerySet
from enrollment.models.events import BookingEvent
from enrollment.models.links import ManageLink, ManageLinkQuerySet
from enrollment.models.waitlist import (
    WaitlistChoice,
    WaitlistChoiceQuerySet,
    WaitlistEntry,
    WaitlistEntryQuerySet,
)

__all__ = [
    "BookingEvent",
    "ClassChange",
    "ClassSession",
    "ClassSessionQuerySet",
    "LedgerProof",
    "ManageLink",
    "ManageLinkQuerySet",
    "TeacherFeed",
    "TrialBooking",
    "TrialBookingQuerySet",
    "WaitlistChoice",
    "WaitlistChoiceQuerySet",
    "WaitlistEntry",
    "WaitlistEntryQuerySet",
]
