"""What families are told by message of their bookings. Nothing of the child's: phones lie about."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from enrollment.models import TrialBooking
from enrollment.services.links import make_link
from kit.quiet_hours import next_waking
from messaging.recipients import Recipient
from messaging.services import queue_message


def tell_requested(booking: TrialBooking) -> None:
    """The wish has arrived, and the campus will call."""
    _tell(booking, "trial_requested", city=booking.city.name, link=make_link(booking=booking))


def tell_booked(booking: TrialBooking) -> None:
    """The seat is theirs: what, when and where."""
    session = booking.session
    if session is None:
        raise ValueError("a booking without a class has nothing to tell of it")
    _tell(
        booking,
        "trial_booked",
        course=session.course.name,
        when=_when(session.starts_at),
        campus=session.campus.name,
        address=session.campus.address,
        link=make_link(booking=booking),
    )


def tell_offered(booking: TrialBooking) -> None:
    """A seat has come free for who waited, and until when it is kept."""
    session, until = booking.session, booking.hold_expires_at
    if session is None or until is None:
        raise ValueError("an offer is a seat, kept for a while")
    _tell(
        booking,
        "seat_offered",
        course=session.course.name,
        when=_when(session.starts_at),
        campus=session.campus.name,
        until=_when(until),
        due_at=next_waking(timezone.now()),
        link=make_link(booking=booking),
    )


def tell_cancelled(booking: TrialBooking) -> None:
    """It is off."""
    _tell(booking, "trial_cancelled")


def _when(moment: datetime) -> str:
    """Date, weekday and time at the campus, short: 11月28日星期六15:00."""
    return date_format(timezone.localtime(moment), "n月j日lH:i")


def _tell(booking: TrialBooking, template: str, *, due_at: datetime | None = None, **parameters: str) -> None:
    queue_message(
        due_at=due_at,
        template=template,
        recipient=Recipient("guardian", booking.owner_id, subject=booking.owner_id),
        parameters={"reference": booking.reference, **parameters},
        purpose="trial",
    )
