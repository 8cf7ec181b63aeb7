"""A teacher's classes as a calendar: which, when, where, and how many seats are booked.

It is read by devices and services nobody here knows, so there is no family and no child in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from courses.models import Teacher
from enrollment.enums import SessionState
from enrollment.models import ClassSession
from kit import icalendar

METHOD = "PUBLISH"


def feed_of(teacher: Teacher, classes: Iterable[tuple[ClassSession, int]]) -> bytes:
    """The calendar file of ``teacher``; with each class, how often it was changed.

    The same classes give the same octets, whenever it is asked for.
    """
    lines = (line for session, changes in classes for line in _event(session, changes))
    name = _("%s的课") % teacher.stage_name
    return icalendar.calendar_file(lines, of="Teacher", method=METHOD, name=name)


def _event(session: ClassSession, changes: int) -> Iterator[str]:
    called_off = session.state == SessionState.CANCELLED
    yield "BEGIN:VEVENT"
    yield f"UID:{session.public_id}@class.leap"
    yield f"SEQUENCE:{changes}"
    yield f"DTSTAMP:{icalendar.utc(session.changed_at)}"
    yield f"DTSTART;TZID=Asia/Shanghai:{icalendar.local(session.starts_at)}"
    yield f"DTEND;TZID=Asia/Shanghai:{icalendar.local(session.ends_at)}"
    yield f"STATUS:{'CANCELLED' if called_off else 'CONFIRMED'}"
    yield f"SUMMARY:{icalendar.text(_summary(session, called_off))}"
    yield f"LOCATION:{icalendar.text(f'{session.campus.name}，{session.room.name}')}"
    yield f"DESCRIPTION:{icalendar.text(_description(session))}"
    yield f"TRANSP:{'TRANSPARENT' if called_off else 'OPAQUE'}"
    yield "END:VEVENT"


def _summary(session: ClassSession, called_off: bool) -> str:
    name: str = _("%s（试听）") % session.course.name
    return _("已取消：%s") % name if called_off else name


def _description(session: ClassSession) -> str:
    seats = session.capacity + session.overbook_allowance
    return _("%(state)s，已约 %(taken)s / %(seats)s 个座位") % {
        "state": session.get_state_display(),
        "taken": session.seats_taken,
        "seats": seats,
    }
