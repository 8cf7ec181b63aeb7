"""A booking for the parent's own calendar.

The file leaves the site, so it says nothing of the child and holds no number of the family's.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.class_words import class_in_words
from enrollment.enums import BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from kit import icalendar
from kit.coordinates import to_wgs84

_ALARMS = ("-P1D", "-PT2H")  # before the class begins
_SHOWN = frozenset(
    {BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.ATTENDED, BookingState.NO_SHOW}
)


def has_event(booking: TrialBooking) -> bool:
    """Whether there is anything for a calendar: a class that was booked, also when it was cancelled since."""
    state = BookingState(booking.state)
    return booking.session_id is not None and (state in _SHOWN or state == BookingState.CANCELLED)


def method_of(booking: TrialBooking) -> str:
    """What the file asks of a calendar (RFC 5546, 3.2): take the event up, or take it out."""
    return "CANCEL" if _is_off(booking) else "PUBLISH"


def calendar_of(booking: TrialBooking) -> bytes:
    """The calendar file of a booking that has an event; its class and campus are read."""
    return icalendar.calendar_file(_event(booking), of="Trial", method=method_of(booking))


def _event(booking: TrialBooking) -> Iterator[str]:
    session = _session(booking)
    campus = session.campus
    address = settings.PUBLIC_URL + booking.get_absolute_url()
    latitude, longitude = to_wgs84(float(campus.latitude), float(campus.longitude))
    yield "BEGIN:VEVENT"
    yield f"UID:{_first_of(booking).public_id}@trial.leap"
    yield f"SEQUENCE:{booking.revision}"
    yield f"DTSTAMP:{icalendar.utc(timezone.now())}"
    yield f"DTSTART;TZID=Asia/Shanghai:{icalendar.local(session.starts_at)}"
    yield f"DTEND;TZID=Asia/Shanghai:{icalendar.local(session.ends_at)}"
    yield f"STATUS:{'CANCELLED' if _is_off(booking) else 'CONFIRMED'}"
    yield f"SUMMARY:{icalendar.text(_('免费试听：%s') % session.course.name)}"
    yield f"LOCATION:{icalendar.text(f'{campus.name}，{campus.whole_address}')}"
    yield f"GEO:{latitude:.5f};{longitude:.5f}"
    yield f"DESCRIPTION:{icalendar.text(_description(booking, session))}"
    yield f"URL:{address}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:OPAQUE"
    if not _is_off(booking):
        for before in _ALARMS:
            yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{before}")
            yield f"DESCRIPTION:{icalendar.text(_('试听课 %s') % class_in_words(session))}"
            yield "END:VALARM"
    yield "END:VEVENT"


def _description(booking: TrialBooking, session: ClassSession) -> str:
    return "\n".join(
        [
            class_in_words(session),
            _("预约号 %s，到校区报这个号就行。") % booking.reference,
            _("要带：%s") % session.course.bring,
            _("怎么来：%s") % session.campus.how_to_come,
        ]
    )


def _is_off(booking: TrialBooking) -> bool:
    """Cancelled by the family, or the class by the campus."""
    called_off = booking.session is not None and booking.session.state == SessionState.CANCELLED
    return called_off or booking.state == BookingState.CANCELLED


def _session(booking: TrialBooking) -> ClassSession:
    session: ClassSession | None = booking.session
    if session is None:
        raise ValueError("a booking without a class has no event")
    return session


def _first_of(booking: TrialBooking) -> TrialBooking:
    """The booking this one goes back to: moving a class changes the event and makes no second one."""
    while booking.rescheduled_from is not None:
        booking = booking.rescheduled_from
    return booking
