"""Whether a campus is open now, and if not, when again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.models import Campus
from kit.day_words import clock, near_in_words
from kit.workdays import is_holiday

_LOOK_AHEAD = 30  # days; longer than any holiday


@dataclass(frozen=True)
class Opening:
    """Whether it is open, and in words until when, or from when again."""

    open: bool
    words: str


def opening(*, campus: Campus, at: datetime) -> Opening:
    """Whether a campus is open at ``at``: within its hours, not on its rest day or a statutory holiday.

    Source: L-SITE-10. Weekends are ordinary days; in a year whose holidays are not published yet
    (`kit.workdays.is_known`) only those fixed by law close it.
    """
    if not campus.active:
        return Opening(False, _("暂时不开放"))
    now = timezone.localtime(at)
    if rests_on(campus=campus, day=now.date()):
        why = _("法定节假日休息") if is_holiday(now.date()) else _("今天休息")
    elif now.time() < campus.opens_at:
        return Opening(False, _("还没开门，今天 %(time)s 开门") % {"time": clock(campus.opens_at)})
    elif now.time() < campus.closes_at:
        return Opening(True, _("营业中，%(time)s 关门") % {"time": clock(campus.closes_at)})
    else:
        why = _("已关门")
    return Opening(False, _("%(why)s，%(again)s") % {"why": why, "again": _again(campus, at)})


def rests_on(*, campus: Campus, day: date) -> bool:
    """Whether a campus is closed all day: on its rest day or a statutory holiday."""
    return day.weekday() == campus.rest_day or is_holiday(day)


def _again(campus: Campus, at: datetime) -> str:
    """When it opens next after the day of ``at``."""
    days = (timezone.localdate(at) + timedelta(days=ahead) for ahead in range(1, _LOOK_AHEAD))
    day = next(day for day in days if not rests_on(campus=campus, day=day))
    name = near_in_words(day, at) or date_format(day, _("n 月 j 日"))
    return _("%(day)s %(time)s 开门") % {"day": name, "time": clock(campus.opens_at)}
