"""What families are told by message of their bookings. Nothing of the child's: phones lie about."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from enrollment.models import TrialBooking
from enrollment.services.links import make_link
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


def tell_cancelled(booking: TrialBooking) -> None:
    """It is off."""
    _tell(booking, "trial_cancelled")


def _when(moment: datetime) -> str:
    """Date, weekday and time at the campus, short: 11月28日星期六15:00."""
    return date_format(timezone.localtime(moment), "n月j日lH:i")


def _tell(booking: TrialBooking, template: str, **parameters: str) -> None:
    queue_message(
        template=template,
        recipient=Recipient("guardian", booking.guardian_id, subject=booking.guardian_id),
        parameters={"reference": booking.reference, **parameters},
        purpose="trial",
    )
