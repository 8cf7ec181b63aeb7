"""Why a booking was not moved, in words: what is theirs stays theirs, and where there are seats."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.class_words import class_and_place, reason
from enrollment.exceptions import AgeUnsuitable, SessionFull, SessionGone, StateChanged, TooLate
from enrollment.trial_refusals import REFUSED, Refusal, refusal_of
from kit.months import in_years, span_in_years

MOVE_REFUSED = (*REFUSED, TooLate, StateChanged)
"""The exceptions that are refusals of a move."""


def why_not_moved(error: Exception) -> Refusal:
    """What one of `MOVE_REFUSED` comes down to; raised on when it is another."""
    if isinstance(error, SessionGone):
        return _gone(error)
    if isinstance(error, AgeUnsuitable):
        return _unsuitable(error)
    if isinstance(error, StateChanged):
        return _changed(error)
    if isinstance(error, TooLate):
        return Refusal(words="")  # the page says so, whatever was posted
    return refusal_of(error)


def _gone(error: SessionGone) -> Refusal:
    full = isinstance(error, SessionFull)
    why = _("这节课刚刚被约满了。") if full else reason(error.session, timezone.now()).sentence
    others = _("下面这些还有座位。") if error.alternatives else ""
    return Refusal(words=why + _("您原来的座位还在。") + others)


def _unsuitable(error: AgeUnsuitable) -> Refusal:
    course = error.session.course
    ages = span_in_years(course.age_min_months, course.age_max_months)
    stays = _("换一节吧，您原来的座位还在。")
    if error.months is None:
        return Refusal(words=_("那天孩子的年龄和这节课不合适，") + stays, status=422)
    words = _("那天孩子 %(age)s，这节课适合 %(ages)s。") % {"age": in_years(error.months), "ages": ages}
    return Refusal(words=words + stays, status=422)


def _changed(error: StateChanged) -> Refusal:
    session = error.booking.session
    words = _("这次预约之前已经改到 %s。还想再改，就在下面选。")
    return Refusal(words=words % class_and_place(session) if session else "")
