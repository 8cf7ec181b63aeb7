"""What families are told shortly before their class, and after one they missed. Nothing of the child's."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from enrollment.models import ClassSession, TrialBooking
from enrollment.services.alternatives import find_alternatives
from enrollment.services.links import make_link
from kit.day_words import weekday_in_short
from kit.quiet_hours import next_waking
from messaging.recipients import Recipient
from messaging.services import queue_message
from messaging.texts import fitting
from privacy.consent.choices import consent_stands
from privacy.consent.enums import ConsentPurpose

MISSED_AFTER = timedelta(minutes=15)  # time to set a slip of the finger right
_OFFERED = 2  # classes


def remind_of_the_day(booking: TrialBooking, *, due_at: datetime) -> bool:
    """The class is tomorrow; the link asks whether they come. Whether anything was queued."""
    session = _class_of(booking)
    said = {
        "when": briefly(session.starts_at),
        "course": session.course.name,
        "campus": session.campus.name,
        "link": make_link(booking=booking),
    }
    return _tell(booking, "reminder_day", said, due_at=due_at, matter=_reminder(booking, "day"))


def remind_of_the_way(booking: TrialBooking, *, due_at: datetime) -> bool:
    """The class is soon: where it is and how one gets there. Whether anything was queued."""
    session = _class_of(booking)
    campus = session.campus
    said = {
        "when": briefly(session.starts_at),
        "campus": campus.name,
        "address": campus.address.replace(" ", ""),
        "link": make_link(booking=booking),
    }
    way = campus.how_to_come.partition("\n")[0].replace(" ", "")
    whole = fitting("reminder_soon", said, name="way", said=way)
    return _tell(booking, "reminder_soon", whole, due_at=due_at, matter=_reminder(booking, "soon"))


def tell_missed(booking: TrialBooking) -> None:
    """We waited in vain: sorry, and the next two classes for those who agreed to be told. Once a family."""
    session, now = _class_of(booking), timezone.now()
    times = _to_offer(booking, session, now)
    said = {"when": briefly(session.starts_at)}
    if times:
        place = f"{reverse('enrollment:trial')}?campus={session.campus.slug}"
        said |= {"times": "、".join(times), "link": settings.PUBLIC_URL + place}
    else:
        said |= {"phone": session.campus.phone}
    _tell(
        booking,
        "missed_you_offer" if times else "missed_you",
        said,
        due_at=next_waking(now + MISSED_AFTER),
        matter=f"missed {booking.party_id or booking.pk} {session.pk}",
        purpose="marketing" if times else "trial",
    )


def briefly(moment: datetime) -> str:
    """Date, weekday and time at the campus, as short as can be: 11月28日周六15:00."""
    local = timezone.localtime(moment)
    return f"{local:%-m月%-d日}{weekday_in_short(local)}{local:%H:%M}"


def _to_offer(booking: TrialBooking, session: ClassSession, now: datetime) -> list[str]:
    """When the course can be had next, for those who agreed to hear of it; nothing for anybody else."""
    if not consent_stands(subject=booking.owner_id, purpose=ConsentPurpose.MARKETING_SMS):
        return []
    found = find_alternatives(session=session, at=now, limit=_OFFERED)
    return [
        briefly(one.starts_at) + (f"（{one.campus.name}）" if one.campus_id != session.campus_id else "")
        for one in found
        if one.course_id == session.course_id and one.campus.city_id == session.campus.city_id
    ]


def _reminder(booking: TrialBooking, kind: str) -> str:
    """What one reminder is about: a booking, a kind, the time of the class."""
    return f"reminder {kind} {booking.pk} {_class_of(booking).starts_at.timestamp():.6f}"


def _class_of(booking: TrialBooking) -> ClassSession:
    session: ClassSession | None = booking.session
    if session is None:
        raise ValueError("without a class there is nothing to be reminded of")
    return session


def _tell(
    booking: TrialBooking,
    template: str,
    said: dict[str, str],
    *,
    due_at: datetime,
    matter: str,
    purpose: str = "trial",
) -> bool:
    written = queue_message(
        template=template,
        recipient=Recipient("guardian", booking.owner_id, subject=booking.owner_id),
        parameters=said,
        purpose=purpose,
        due_at=due_at,
        about_id=booking.pk,
        about_at=_class_of(booking).starts_at,
        matter=matter,
    )
    return written is not None
