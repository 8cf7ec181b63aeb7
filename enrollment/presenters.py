"""A booking as pages show it. Nothing of the child's, and the number masked: links are passed on in chats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services.guardians import masked_phone_of
from courses.maps import map_link
from enrollment.calendar import has_event
from enrollment.class_words import class_in_words, time_in_words
from enrollment.enums import ACTIVE, LIVE, BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from enrollment.policies import (
    can_cancel,
    can_cancel_until,
    can_keep,
    can_move,
    can_move_until,
    is_cancellable,
)
from enrollment.services.class_news import ClassNews
from enrollment.state_words import headline, state_in_words
from kit.day_words import clock_of, date_in_words

_ASKED_FROM = timedelta(hours=48)  # before the class
_WAITING = (BookingState.REQUESTED, BookingState.HELD)


def summary(booking: TrialBooking) -> dict[str, Any]:
    """What lists show: what, when and where, in words; campus, course and class are read."""
    session = booking.session
    return {
        "reference": booking.reference,
        "state": booking.state,
        "state_text": state_in_words(booking),
        "look": _look(booking),
        "what": session.course.name if session else _("免费试听"),
        "when": class_in_words(session) if session else "",
        "where": booking.campus.name if booking.campus else booking.city.name,
        "troupe": booking.campus.slug if booking.campus else booking.city.slug,
        "city": booking.city.name,
        "created_at": booking.created_at,
        "url": booking.get_absolute_url(),
    }


def _look(booking: TrialBooking) -> str:
    if booking.state in _WAITING:
        return "warn"
    return "ok" if booking.state in LIVE and booking.lapsed_at is None else "off"


def details(booking: TrialBooking, at: datetime) -> dict[str, Any]:
    """What a booking's own pages show at ``at``, and what can be done there."""
    until, move_until = can_cancel_until(booking), can_move_until(booking)
    return {
        "booking": {**summary(booking), "phone_masked": masked_phone_of(booking.owner_id)},
        "class": _class(booking.session) if booking.session else None,
        "ahead": booking.session is not None and _is_ahead(booking, at),
        "off": booking.session is not None and booking.session.state == SessionState.CANCELLED,
        "headline": headline(booking, at),
        "booking_url": booking.get_absolute_url(),
        "cancel_url": reverse("enrollment:cancel", args=[booking.public_id]),
        "held_until": _moment(booking.hold_expires_at) if booking.hold_expires_at else "",
        "move_url": reverse("enrollment:reschedule", args=[booking.public_id]),
        "keep_url": reverse("enrollment:keep", args=[booking.public_id]),
        "can_move": can_move(booking, at),
        "move_until": _moment(move_until) if move_until else "",
        "can_keep": can_keep(booking, at),
        "asks": _is_asked(booking, at),
        "coming": booking.coming_at is not None and can_keep(booking, at),
        "changed": booking.class_changed_at is not None and can_keep(booking, at),
        "can_cancel": can_cancel(booking, at),
        "too_late": is_cancellable(booking) and not can_cancel(booking, at),
        "cancel_until": _moment(until) if until else "",
        "calendar_url": reverse("enrollment:calendar", args=[booking.public_id])
        if has_event(booking)
        else "",
        "to_copy": _to_copy(booking, booking.session) if booking.session else "",
    }


def _class(session: ClassSession) -> dict[str, Any]:
    """All a family needs to get there."""
    campus = session.campus
    return {
        "course": session.course.name,
        "programme": session.course.programme.slug,
        "starts_at": session.starts_at,
        "day": date_in_words(session.local_date),
        "time": time_in_words(session),
        "campus": campus,
        "how_to_come": campus.how_to_come.splitlines(),
        "map_url": map_link(campus),
        "bring": session.course.bring,
    }


def _is_ahead(booking: TrialBooking, at: datetime) -> bool:
    return booking.state in ACTIVE and booking.session is not None and at < booking.session.ends_at


def _is_asked(booking: TrialBooking, at: datetime) -> bool:
    """Whether it is time to ask if they come: from two days before, and once the class was changed."""
    if booking.session is None or not can_keep(booking, at):
        return False
    soon = booking.session.starts_at - at <= _ASKED_FROM and not booking.is_fresh(at)
    return booking.class_changed_at is not None or (soon and booking.coming_at is None)


def news_in_words(news: ClassNews) -> dict[str, Any]:
    """What changed about a class, by the name of what it is: what was, and what is."""
    rows = []
    if news.times:
        rows.append((_("时间"), *(_hours(*times) for times in news.times)))
    if news.campus:
        rows.append((_("校区"), *news.campus))
    if news.room:
        rows.append((_("教室"), *news.room))
    return {"reason": news.reason, "rows": rows, "teacher": news.teacher}


def _hours(starts_at: datetime, ends_at: datetime) -> str:
    return f"{_moment(starts_at)}–{clock_of(ends_at)}"


def _moment(at: datetime) -> str:
    return f"{date_in_words(timezone.localdate(at))} {clock_of(at)}"


def _to_copy(booking: TrialBooking, session: ClassSession) -> str:
    """The same in plain text, for chats and for phones that open no files."""
    campus = session.campus
    return "\n".join(
        [
            _("免费试听：%s") % session.course.name,
            _("时间：%s") % class_in_words(session),
            _("地点：%(campus)s，%(address)s") % {"campus": campus.name, "address": campus.whole_address},
            _("怎么来：%s") % "；".join(campus.how_to_come.splitlines()),
            _("要带：%s") % session.course.bring,
            _("预约号：%s") % booking.reference,
            _("校区电话：%s") % campus.phone,
        ]
    )
