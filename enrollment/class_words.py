"""A class in words: when, what, for whom, where. Clock times are Shanghai's, whatever the device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.models import ClassSession
from kit.day_words import date_in_words, day_in_words
from kit.months import span_in_years

_FEW = 3  # seats; from here on the page says how few


def time_in_words(session: ClassSession) -> str:
    """From when to when: 15:00–16:00."""
    return f"{timezone.localtime(session.starts_at):%H:%M}–{timezone.localtime(session.ends_at):%H:%M}"


def class_in_words(session: ClassSession) -> str:
    """Day and time: 11 月 24 日 星期二 15:00–16:00."""
    return f"{date_in_words(session.local_date)} {time_in_words(session)}"


@dataclass(frozen=True, kw_only=True)
class ClassCard:
    """A class to choose or to look at once more before booking it."""

    public_id: str
    day: str
    time: str
    starts_at: datetime
    course: str
    programme: str
    ages: str
    campus: str
    campus_url: str
    city: str
    address: str
    seats: str
    few: bool
    once_more: str
    """Class, when and campus in one line."""

    def __str__(self) -> str:
        return self.once_more


def class_card(session: ClassSession, at: datetime) -> ClassCard:
    """``session`` as of ``at``; reads its course, programme, campus and city."""
    campus, course = session.campus, session.course
    words = _("只剩 %d 个座位") if session.seats_left <= _FEW else _("还有 %d 个座位")
    return ClassCard(
        public_id=session.public_id,
        day=day_in_words(session.local_date, at),
        time=time_in_words(session),
        starts_at=session.starts_at,
        course=course.name,
        programme=course.programme.slug,
        ages=span_in_years(course.age_min_months, course.age_max_months),
        campus=campus.name,
        campus_url=campus.get_absolute_url(),
        city=campus.city.name,
        address=campus.address,
        seats=words % session.seats_left,
        few=session.seats_left <= _FEW,
        once_more=_("%(course)s，%(when)s，%(campus)s")
        % {"course": course.name, "when": class_in_words(session), "campus": campus.name},
    )
