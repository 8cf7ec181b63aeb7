"""Classes as parents read them: when, what, for whom, and whether a seat is free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from enrollment.enums import SessionState
from enrollment.models import ClassSession
from kit.day_words import day_in_words
from kit.months import span_in_years

_FEW = 3  # seats; from here on the page says how few


@dataclass(frozen=True, kw_only=True)
class ClassRow:
    """One class in a list. ``url`` leads to its booking and is empty where none can be made."""

    url: str
    starts_at: datetime
    ends_at: datetime
    day: str
    course: str
    programme: str
    ages: str
    campus: str
    seats: str
    look: str  # ok, warn or off


def class_row(session: ClassSession, at: datetime) -> ClassRow:
    """``session`` as of ``at``; reads its campus, course and programme."""
    seats, look = _seats_in_words(session, at)
    url = reverse("enrollment:trial") + "?" + urlencode({"session": session.public_id})
    return ClassRow(
        url=url if session.is_bookable(at) else "",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        day=day_in_words(session.local_date, at),
        course=session.course.name,
        programme=session.course.programme.slug,
        ages=span_in_years(session.course.age_min_months, session.course.age_max_months),
        campus=session.campus.name,
        seats=seats,
        look=look,
    )


def _seats_in_words(session: ClassSession, at: datetime) -> tuple[str, str]:
    """What to say of the seats, and how it looks."""
    if session.state != SessionState.OPEN:
        return _("暂停预约"), "off"
    if session.seats_left == 0:
        return _("约满了"), "off"
    if not session.is_bookable(at):
        return _("网上已停止预约"), "off"
    if session.seats_left <= _FEW:
        return _("只剩 %(seats)d 个座位") % {"seats": session.seats_left}, "warn"
    return _("还有 %(seats)d 个座位") % {"seats": session.seats_left}, "ok"
