"""An erasure as whoever asked for it reads it: what goes, what the law keeps for how long, how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from privacy.erasure.enums import JobState, Why
from privacy.erasure.exceptions import ErasureUnknown
from privacy.erasure.services.planning import Line
from privacy.erasure.services.progress import StepTold, certificate_of, progress_of
from privacy.rights.enums import OnBehalf
from privacy.rights.models import DataSubjectRequest

_LONGEST = 3 * 366  # days: the whole width of the picture
_NARROWEST = 6  # of a hundred


@dataclass(frozen=True, kw_only=True)
class KeptLine:
    """What is left for now and goes on one day by one rule. ``width`` is that of its bar, of a hundred."""

    title: str
    count: int
    until: str
    source: str
    width: int


def kept_lines(rests: Iterable[tuple[str, int, date | None, str]]) -> list[KeptLine]:
    """From (title, how many, until when, by which rule): a line for what goes together, the first first."""
    together: dict[tuple[date, str], list[tuple[str, int, date | None]]] = {}
    for title, count, until, source in rests:
        together.setdefault((until or date.max, source), []).append((title, count, until))
    return [
        KeptLine(
            title="、".join(dict.fromkeys(title for title, _number, _day in group)),
            count=sum(count for _title, count, _day in group),
            until=_until(group[0][2]),
            source=source,
            width=_width(group[0][2]),
        )
        for (_last, source), group in sorted(together.items())
    ]


def day(at: date) -> str:
    """A day that may be years away, with its year: 2029 年 11 月 22 日."""
    return date_format(at, _("Y 年 n 月 j 日"))


def moment(at: datetime | None) -> str:
    """A moment with its year, in local time; empty where there is none yet."""
    return date_format(timezone.localtime(at), _("Y 年 n 月 j 日 H:i")) if at else ""


def _until(until: date | None) -> str:
    return _("留到 %s") % day(until) if until else _("依法不再需要保存以后删除")


def _width(until: date | None) -> int:
    """By time: three years fill the picture, and so does what has no day yet."""
    if until is None:
        return 100
    left = until - timezone.localdate()
    return min(100, max(_NARROWEST, round(100 * left / timedelta(days=_LONGEST))))


def in_two(lines: Iterable[Line]) -> tuple[list[tuple[str, int]], list[KeptLine]]:
    """What goes and what stays of a plan, each by its title once."""
    gone: dict[str, int] = {}
    kept = []
    for line in lines:
        if line.goes:
            gone[line.title] = gone.get(line.title, 0) + line.count
        else:
            kept.append((line.title, line.count, line.kept_until, line.source))
    return list(gone.items()), kept_lines(kept)


@dataclass(frozen=True, kw_only=True)
class ToldLine:
    """Somebody who had got some of it from us, and since when they know that it has to go."""

    title: str
    told: str


@dataclass(frozen=True, kw_only=True)
class Course:
    """An erasure on its way, or over. ``said`` sums it up; ``closed``: the account is gone by it."""

    begun_at: datetime
    running: bool
    closed: bool
    certified: bool
    said: str
    percent: int
    done: int
    """How many of the steps are."""
    steps: Sequence[StepTold]
    finished: str
    unreadable: str
    final: str
    kept: list[KeptLine]
    recipients: list[ToldLine]


def course_of(request: DataSubjectRequest) -> Course | None:
    """The erasure that a request led to; None as long as none has begun."""
    try:
        progress = progress_of(request=request)
    except ErasureUnknown:
        return None
    state = JobState(progress.state)
    return Course(
        begun_at=progress.begun_at,
        running=state in (JobState.QUEUED, JobState.RUNNING),
        closed=request.on_behalf == OnBehalf.SELF,
        certified=certificate_of(request=request) is not None,
        said=_said(state, any(rest.why == Why.HOLD for rest in progress.rests)),
        percent=progress.percent,
        done=sum(step.done for step in progress.steps),
        steps=progress.steps,
        finished=moment(progress.finished_at),
        unreadable=moment(progress.unreadable_at),
        final=final_in_words(progress.final_by, progress.final_at),
        kept=kept_lines((rest.title, rest.count, rest.until, rest.source) for rest in progress.rests),
        recipients=[ToldLine(title=one.title, told=_told(one.told_at)) for one in progress.recipients],
    )


def _said(state: JobState, held: bool) -> str:
    if state == JobState.DONE:
        return _("都删好了")
    if state == JobState.WAITING:
        return _("能删的都删了，有一部分依法要求保存") if held else _("能删的都删了，其余依法留到期满")
    return _("正在删除") if state == JobState.RUNNING else _("已经停用，马上开始删")


def final_in_words(by: datetime | None, at: datetime | None) -> str:
    """Since when, or by when at the latest, no backup opens either; empty where that is not known yet."""
    if at:
        return _("%s 起，备份里的也没有用了") % moment(at)
    return _("最迟 %s，备份里的也没有用了") % moment(by) if by else ""


def _told(at: datetime | None) -> str:
    return _("%s 通知它一起删除") % moment(at) if at else _("正在通知它一起删除")
