"""An erasure as whoever asked for it reads it: what goes, what the law keeps for how long, how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

_LONGEST = 3 * 366  # days: the whole width of the picture
_NARROWEST = 6  # of a hundred


@dataclass(frozen=True, kw_only=True)
class KeptLine:
    """One kind of data that is left for now: how much, until when, why, and how long its bar is drawn."""

    title: str
    count: int
    until: str
    source: str
    width: int


def kept_lines(rests: Iterable[tuple[str, int, date | None, str]]) -> list[KeptLine]:
    """(title, how many, until when, by which rule) of each, the one that goes first first."""
    ordered = sorted(rests, key=lambda rest: (rest[2] or date.max, rest[0]))
    return [
        KeptLine(title=title, count=count, until=_until(until), source=source, width=_width(until))
        for title, count, until, source in ordered
    ]


def day(at: date) -> str:
    """A day that may be years away, with its year: 2029 年 11 月 22 日."""
    return date_format(at, _("Y 年 n 月 j 日"))


def moment(at: datetime | None) -> str:
    """A moment with its year, in local time; empty where there is none yet."""
    return date_format(timezone.localtime(at), _("Y 年 n 月 j 日 H:i")) if at else ""


def _until(until: date | None) -> str:
    return _("留到 %s") % day(until) if until else _("解除以后删除")


def _width(until: date | None) -> int:
    """By time: three years fill the picture, and so does what has no day yet."""
    if until is None:
        return 100
    left = until - timezone.localdate()
    return min(100, max(_NARROWEST, round(100 * left / timedelta(days=_LONGEST))))


def in_two(
    lines: Sequence[tuple[str, int, str, date | None, str]],
) -> tuple[list[tuple[str, int]], list[KeptLine]]:
    """What goes and what stays of a plan's lines: (title, how many, what is done, until when, by which rule)."""
    gone = [(title, count) for title, count, _deed, until, _source in lines if until is None and count]
    kept = [(title, count, until, source) for title, count, _deed, until, source in lines if until and count]
    return gone, kept_lines(kept)
