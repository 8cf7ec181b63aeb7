"""A class in words: when, what, for whom, where. Clock times are Shanghai's, whatever the device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from enrollment.enums import SessionState
from enrollment.models import ClassSession
from enrollment.policies import seats_final_from
from kit.day_words import clock_of, date_in_words, day_in_words
from kit.months import span_in_years

_FEW = 3  # seats; from here on the page says how few


def time_in_words(session: ClassSession) -> str:
    """From when to when: 15:00–16:00."""
    return f"{clock_of(session.starts_at)}–{clock_of(session.ends_at)}"


def class_in_words(session: ClassSession) -> str:
    """Day and time: 11 月 24 日 星期二 15:00–16:00."""
    return f"{date_in_words(session.local_date)} {time_in_words(session)}"


def class_and_place(session: ClassSession) -> str:
    """Day, time and campus, in one line."""
    return _("%(when)s，%(where)s") % {"when": class_in_words(session), "where": session.campus.name}


@dataclass(frozen=True)
class Reason:
    """Why no seat can be had: ``brief`` for lists, ``sentence`` for the parent who wanted one."""

    brief: str
    sentence: str


def reason(session: ClassSession, at: datetime) -> Reason:
    """Why no seat can be had in ``session`` at ``at``."""
    if session.state == SessionState.CANCELLED:
        return Reason(_("取消了"), _("这节课取消了。"))
    if session.starts_at <= at:
        return Reason(_("已经开始了"), _("这节课已经开始了。"))
    if session.state != SessionState.OPEN:
        return Reason(_("暂停预约"), _("这节课在网上已经停止预约。"))
    if not session.seats_left:
        return Reason(_("约满了"), _("这节课已经约满了。"))
    return Reason(_("网上已停止预约"), _("这节课在网上已经停止预约。"))


def why_not(session: ClassSession, at: datetime, seats: int) -> str:
    """The sentence for who wanted so many seats at once, where perhaps some are left, but too few."""
    left = session.seats_left
    if 0 < left < seats and session.takes_bookings(at):
        return _("这节课只剩 %(left)d 个座位，不够 %(seats)d 个孩子一起来，一个都没有约。") % {
            "left": left,
            "seats": seats,
        }
    return reason(session, at).sentence


def nth_child(place: int) -> str:
    """Which of several children, by position alone; nothing where there is one."""
    return _("第 %d 个孩子") % place if place else ""


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
    address: str
    seats: str
    few: bool
    final: bool
    """Once booked, it can no longer be cancelled online."""
    once_more: str
    """Class, when and campus in one line."""

    def __str__(self) -> str:
        return self.once_more


def class_card(session: ClassSession, at: datetime) -> ClassCard:
    """``session`` as of ``at``; reads its course, programme and campus."""
    campus, course = session.campus, session.course
    words = _("只剩 %d 个座位") if session.seats_left <= _FEW else _("还有 %d 个座位")
    if not session.seats_left:
        words = _("座位已留给您")  # a full class is shown to those alone for whom its last seat is kept
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
        address=campus.whole_address,
        seats=words % session.seats_left if session.seats_left else words,
        few=session.seats_left <= _FEW,
        final=at >= seats_final_from(session),
        once_more=_("%(course)s，%(when)s，%(campus)s")
        % {"course": course.name, "when": class_in_words(session), "campus": campus.name},
    )
