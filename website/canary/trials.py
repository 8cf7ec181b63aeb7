"""The canary's bookings and places in line, in classes of a campus that parents never see."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services.guardians import guardian_actor
from courses.models import Campus, City, Course, Room
from enrollment.enums import BookingChannel, SessionState
from enrollment.models import ClassSession
from enrollment.services.bookings import request_trial
from enrollment.services.waitlist import join
from enrollment.services.wishes import ChildWish, TrialRequest
from privacy.consent.services import current_versions
from website.canary.filling import Member

_SLUG = "canary"
_CAMPUS: Mapping[str, Any] = {
    "name": "演练校区（不对外）",
    "district": "演练",
    "address": "不存在的地址",
    "how_to_come": "不用来",
    "phone": "400-000-0000",
    "latitude": 0,
    "longitude": 0,
    "opens_at": time(0, 0),
    "closes_at": time(23, 59),
}
_AHEAD = timedelta(days=9)
_STILL_AHEAD = timedelta(days=3)  # later than any reminder, and early enough to wait for a seat
_SPREAD = 30 * 24 * 60  # minutes; so that no two nights want one room at one time


def put_trials(main: Member, other: Member) -> None:
    """A wish for a call, seats for siblings, a place in line behind the other guardian.

    In the caller's transaction, at the end of which the campus is as closed as before: parents see no class.
    """
    campus = _campus()
    Campus.objects.filter(pk=campus.pk).update(active=True)
    campus.refresh_from_db()
    course, another = Course.objects.filter(age_min_months__lte=60, age_max_months__gte=72).order_by("pk")[:2]
    first, second = _class(campus, course, seats=2), _class(campus, another, seats=1)
    guardian, beside = User.objects.get(pk=main.id), User.objects.get(pk=other.id)
    request_trial(guardian=guardian, request=_wish(campus.city, source=f"{main.mark}海报"))
    child, sibling = (ChildWish(id=ward) for ward in main.wards)
    request_trial(guardian=guardian, request=_wish(campus.city, first, child=child, siblings=(sibling,)))
    request_trial(guardian=beside, request=_wish(campus.city, second))
    second.refresh_from_db()
    join(
        guardian=guardian,
        sessions=[second],
        child_id=None,
        channel=BookingChannel.WEB,
        by=guardian_actor(guardian),
    )
    Campus.objects.filter(pk=campus.pk).update(active=False)


def _campus() -> Campus:
    city = City.objects.filter(active=True).earliest("position")
    campus, _ = Campus.objects.get_or_create(slug=_SLUG, defaults={**_CAMPUS, "city": city, "active": False})
    return campus


def _class(campus: Campus, course: Course, *, seats: int) -> ClassSession:
    """A class some weeks ahead, in a room of its own; the one of the nights before while it lies ahead.

    Classes are never deleted, so there is a new one a month and not a night.
    """
    idle = ClassSession.objects.filter(campus=campus, course=course, capacity=seats, state=SessionState.OPEN)
    idle = idle.filter(bookings=None, waitlist_choices=None, starts_at__gt=timezone.now() + _STILL_AHEAD)
    if (found := idle.in_order().first()) is not None:
        return found
    room, _ = Room.objects.get_or_create(campus=campus, name=f"演练 {seats}", defaults={"seats": seats})
    starts_at = timezone.now() + _AHEAD + timedelta(minutes=secrets.randbelow(_SPREAD))
    return ClassSession.objects.create(
        campus=campus,
        course=course,
        room=room,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=course.minutes),
        booking_closes_at=starts_at - timedelta(hours=1),
        capacity=seats,
        state=SessionState.OPEN,
    )


def _wish(city: City, session: ClassSession | None = None, **more: Any) -> TrialRequest:
    return TrialRequest(
        city=city, session=session, agreements=current_versions(), channel=BookingChannel.WEB, **more
    )
