"""A booking for the parent's own calendar: RFC 5545, written here because one event needs no library.

The file leaves the site, so it says nothing of the child and holds no number of the family's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.class_words import class_in_words
from enrollment.enums import BookingState
from enrollment.models import ClassSession, TrialBooking
from kit.coordinates import to_wgs84

CONTENT_TYPE = "text/calendar; charset=utf-8; method={method}"
_LONGEST_LINE = 75  # octets, without the line break (RFC 5545, 3.1)
_ALARMS = ("-P1D", "-PT2H")  # before the class begins
# Without changes of the clock since 1991, one block says all of the zone there is.
_ZONE = (
    "BEGIN:VTIMEZONE",
    "TZID:Asia/Shanghai",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800",
    "TZNAME:CST",
    "END:STANDARD",
    "END:VTIMEZONE",
)
_SHOWN = frozenset(
    {BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.ATTENDED, BookingState.NO_SHOW}
)


def has_event(booking: TrialBooking) -> bool:
    """Whether there is anything for a calendar: a class that was booked, also when it was cancelled since."""
    state = BookingState(booking.state)
    return booking.session_id is not None and (state in _SHOWN or state == BookingState.CANCELLED)


def method_of(booking: TrialBooking) -> str:
    """What the file asks of a calendar (RFC 5546, 3.2): take the event up, or take it out."""
    return "CANCEL" if booking.state == BookingState.CANCELLED else "PUBLISH"


def calendar_of(booking: TrialBooking) -> bytes:
    """The calendar file of a booking that has an event; its class and campus are read."""
    return b"".join(_folded(line) for line in _lines(booking))


def _lines(booking: TrialBooking) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Leap Space//Trial//ZH", "CALSCALE:GREGORIAN")
    yield f"METHOD:{method_of(booking)}"
    yield from _ZONE
    yield from _event(booking)
    yield "END:VCALENDAR"


def _event(booking: TrialBooking) -> Iterator[str]:
    session = _session(booking)
    campus = session.campus
    address = settings.PUBLIC_URL + booking.get_absolute_url()
    latitude, longitude = to_wgs84(float(campus.latitude), float(campus.longitude))
    yield "BEGIN:VEVENT"
    yield f"UID:{_first_of(booking).public_id}@trial.leap"
    yield f"SEQUENCE:{booking.revision}"
    yield f"DTSTAMP:{_utc(timezone.now())}"
    yield f"DTSTART;TZID=Asia/Shanghai:{_local(session.starts_at)}"
    yield f"DTEND;TZID=Asia/Shanghai:{_local(session.ends_at)}"
    yield f"STATUS:{'CANCELLED' if booking.state == BookingState.CANCELLED else 'CONFIRMED'}"
    yield f"SUMMARY:{_text(_('免费试听：%s') % session.course.name)}"
    yield f"LOCATION:{_text(f'{campus.name}，{campus.whole_address}')}"
    yield f"GEO:{latitude:.5f};{longitude:.5f}"
    yield f"DESCRIPTION:{_text(_description(booking, session))}"
    yield f"URL:{address}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:OPAQUE"
    if booking.state != BookingState.CANCELLED:
        for before in _ALARMS:
            yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{before}")
            yield f"DESCRIPTION:{_text(_('试听课 %s') % class_in_words(session))}"
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


def _utc(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y%m%dT%H%M%S}"


def _text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """A content line, broken before its 76th octet and never inside a character."""
    rows, row = [], b""
    for character in line:
        octets = character.encode()
        if len(row) + len(octets) > _LONGEST_LINE:
            rows.append(row)
            row = b" "
        row += octets
    return b"\r\n".join([*rows, row]) + b"\r\n"
