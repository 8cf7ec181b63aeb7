"""Days and hours said as people say them."""

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def near_in_words(day: date, at: datetime) -> str:
    """Today, tomorrow, the day after, as seen at ``at``; empty for days further off."""
    names = {0: _("今天"), 1: _("明天"), 2: _("后天")}
    return names.get((day - timezone.localdate(at)).days, "")


def weekday_in_short(day: date) -> str:
    """The weekday in two characters, for where there is no room: 周一."""
    return str(_("周%s") % str(WEEKDAYS[day.weekday()])[-1])


def date_in_words(day: date) -> str:
    """The date with its weekday written out: 11 月 23 日 星期一."""
    return date_format(day, _("n 月 j 日 l"))


def day_in_words(day: date, at: datetime) -> str:
    """The same, the nearest days by name as well: 明天，11 月 23 日 星期一."""
    near, words = near_in_words(day, at), date_in_words(day)
    return _("%(near)s，%(day)s") % {"near": near, "day": words} if near else words


def moment_in_words(at: datetime) -> str:
    """A moment, in local time: 11 月 25 日 星期三 15:20."""
    return f"{date_in_words(timezone.localdate(at))} {clock_of(at)}"


def clock(hour: time) -> str:
    """An hour at which something opens or closes: 9:30."""
    return f"{hour:%-H:%M}"


def span(opens: time, closes: time) -> str:
    """From one such hour to another: 9:30–18:30."""
    return f"{clock(opens)}–{clock(closes)}"


def clock_of(at: datetime) -> str:
    """The local hour of a moment, in two digits so that lists line up: 09:30."""
    return f"{timezone.localtime(at):%H:%M}"
