"""What became of a class since a family booked it, put together from every change it has not answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime

from courses.models import Campus, Room
from enrollment.enums import ChangeReason, SessionState
from enrollment.models import TrialBooking


@dataclass(frozen=True, kw_only=True)
class ClassNews:
    """What was and what is, where they differ. ``reason`` is the latest one."""

    reason: str
    times: tuple[tuple[datetime, datetime], tuple[datetime, datetime]] | None = None
    """Start and end, before and now."""
    campus: tuple[str, str] | None = None
    room: tuple[str, str] | None = None
    teacher: bool = False


def news_of(*, booking: TrialBooking) -> ClassNews | None:
    """What the family has to answer to, or why its class is off; None when nothing did. Reads the class."""
    session = booking.session
    if session is None or (booking.class_changed_at is None and session.state != SessionState.CANCELLED):
        return None
    since = booking.coming_at or booking.created_at
    changes = list(session.changes.filter(at__gt=since).order_by("at", "pk"))
    if not changes:
        return None
    old: dict[str, str | None] = {}
    new: dict[str, str | None] = {}
    for change in changes:
        old = {**change.old, **old}
        new.update(change.new)
    times = (_times(old, booking), (session.starts_at, session.ends_at))
    return ClassNews(
        reason=str(ChangeReason(changes[-1].reason).label),
        times=times if times[0] != times[1] else None,
        campus=_names("campus", old, new, _campus),
        room=_names("room", old, new, _room),
        teacher=old.get("teacher") != new.get("teacher"),
    )


def _times(old: Mapping[str, str | None], booking: TrialBooking) -> tuple[datetime, datetime]:
    session = booking.session
    starts, ends = (parse_datetime(old.get(name) or "") for name in ("starts_at", "ends_at"))
    return starts or session.starts_at, ends or session.ends_at


def _names(
    name: str, old: Mapping[str, str | None], new: Mapping[str, str | None], of: Callable[[str], str]
) -> tuple[str, str] | None:
    was, now = old.get(name), new.get(name)
    return (of(was), of(now)) if was and now and was != now else None


def _campus(pk: str) -> str:
    return Campus.objects.get(pk=pk).name


def _room(pk: str) -> str:
    return Room.objects.get(pk=pk).name
