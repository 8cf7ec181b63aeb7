"""What families are told by message of their bookings. Nothing of the child's: phones lie about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from enrollment.enums import ChangeReason
from enrollment.models import ClassSession, TrialBooking, WaitlistEntry
from enrollment.policies import told_at
from enrollment.services.links import make_link
from kit.quiet_hours import next_waking
from messaging.recipients import Recipient
from messaging.services import queue_message


def tell_requested(booking: TrialBooking) -> None:
    """The wish has arrived, and the campus will call."""
    _tell(booking, "trial_requested", city=booking.city.name, link=make_link(booking=booking))


def tell_booked(booking: TrialBooking, *, seats: int = 1) -> None:
    """The seat is theirs: what, when and where; for siblings, how many ``seats``, in one message."""
    session = booking.session
    if session is None:
        raise ValueError("a booking without a class has nothing to tell of it")
    _tell(
        booking,
        "trial_booked" if seats == 1 else "trial_booked_party",
        seats=str(seats),
        course=session.course.name,
        when=moment_in_words(session.starts_at),
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
        when=moment_in_words(session.starts_at),
        campus=session.campus.name,
        until=moment_in_words(until),
        due_at=next_waking(timezone.now()),
        about_at=until,
        link=make_link(booking=booking),
    )


def tell_cancelled(booking: TrialBooking, *, seats: int = 1, left: int = 0) -> None:
    """It is off; for siblings, how many ``seats`` went, in one message, or how many are ``left``."""
    if left:
        _tell(booking, "trial_cancelled_some", left=str(left))
    elif seats == 1:
        _tell(booking, "trial_cancelled")
    else:
        _tell(booking, "trial_cancelled_party", seats=str(seats))


def tell_moved(booking: TrialBooking) -> None:
    """They have another seat instead: what, when and where, under a new reference."""
    session = booking.session
    if session is None:
        raise ValueError("a booking is moved to a class")
    _tell(
        booking,
        "trial_moved",
        course=session.course.name,
        when=moment_in_words(session.starts_at),
        campus=session.campus.name,
        address=session.campus.address,
        link=make_link(booking=booking),
    )


def moment_in_words(moment: datetime) -> str:
    """Date, weekday and time at the campus, short: 11月28日星期六15:00."""
    return date_format(timezone.localtime(moment), "n月j日lH:i")


def _tell(
    booking: TrialBooking,
    template: str,
    *,
    due_at: datetime | None = None,
    about_at: datetime | None = None,
    **parameters: str,
) -> None:
    """``about_at``: the time it tells of; it does not leave once that, or the booking, is another."""
    queue_message(
        due_at=due_at,
        about_id=booking.pk if about_at else None,
        about_at=about_at,
        template=template,
        recipient=Recipient("guardian", booking.owner_id, subject=booking.owner_id),
        parameters={"reference": booking.reference, **parameters},
        purpose="trial",
    )


def tell_waited_in_vain(entry: WaitlistEntry, session: ClassSession) -> None:
    """No seat came free in time in the last class they waited for; where others are to be had."""
    place = f"{reverse('enrollment:trial')}?{urlencode({'city': session.campus.city.slug})}"
    queue_message(
        due_at=next_waking(timezone.now()),
        template="waiting_over",
        recipient=Recipient("guardian", entry.guardian_id, subject=entry.guardian_id),
        parameters={"course": session.course.name, "link": settings.PUBLIC_URL + place},
        purpose="trial",
    )


def tell_class_changed(booking: TrialBooking, *, was: ClassSession, reason: ChangeReason) -> None:
    """Their class is held at another time or place, by another teacher or next door; and what they may do."""
    session = _class_of(booking)
    if said := _differences(was, session):
        template = "class_changed"
    elif was.teacher_id != session.teacher_id:
        template = "class_teacher_changed"
        said = {"teacher": session.teacher.stage_name if session.teacher else _("校区另一位老师")}
    else:
        template, said = "class_room_changed", {"room": session.room.name}
    _tell(
        booking,
        template,
        about_at=session.starts_at,
        **{"when": moment_in_words(session.starts_at), **said},
        reason=str(reason.label),
        course=session.course.name,
        due_at=told_at(min(was.starts_at, session.starts_at), timezone.now()),
        link=make_link(booking=booking),
    )


def tell_called_off(booking: TrialBooking, *, others: Sequence[ClassSession], reason: ChangeReason) -> None:
    """Their class does not take place; which other ones there are."""
    session = _class_of(booking)
    choices = [_where_and_when(other, session) for other in others]
    _tell(
        booking,
        "class_called_off",
        reason=str(reason.label),
        course=session.course.name,
        when=moment_in_words(session.starts_at),
        others=_("可以改约%s。") % _("或").join(choices) if choices else "",
        due_at=told_at(session.starts_at, timezone.now()),
        link=make_link(booking=booking),
    )


def _class_of(booking: TrialBooking) -> ClassSession:
    session: ClassSession | None = booking.session
    if session is None:
        raise ValueError("only a booking with a class has it changed")
    return session


def _differences(was: ClassSession, session: ClassSession) -> dict[str, str]:
    """Time and place as they were and are, where they differ."""
    old, new = [], []
    if (was.starts_at, was.ends_at) != (session.starts_at, session.ends_at):
        longer = was.starts_at == session.starts_at
        old.append(_span(was, longer))
        new.append(_span(session, longer))
    if was.campus_id != session.campus_id:
        old.append(was.campus.name)
        new.append(f"{session.campus.name}（{session.campus.address}）")
    return {"old": "，".join(old), "new": "，".join(new)} if old else {}


def _span(session: ClassSession, with_end: bool) -> str:
    ends = date_format(timezone.localtime(session.ends_at), "–H:i")
    return moment_in_words(session.starts_at) + (ends if with_end else "")


def _where_and_when(other: ClassSession, instead_of: ClassSession) -> str:
    """What of another class a family must know: what is not as in the one they had goes without saying."""
    parts = [moment_in_words(other.starts_at)]
    if other.campus_id != instead_of.campus_id:
        parts.append(other.campus.name)
    if other.course_id != instead_of.course_id:
        parts.append(other.course.name)
    return " ".join(parts)
