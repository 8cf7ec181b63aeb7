"""Requests as officers read them: where each stands, how many days are left, what has happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.rights.enums import (
    CLOSED,
    WAITING_FOR_THEM,
    Clock,
    Entrance,
    Identity,
    OnBehalf,
    RequestKind,
    RequestState,
)
from privacy.rights.models import DataSubjectRequest, RequestEvent

_SOON = 7  # days

# As staff speak of them; the person's own page says it otherwise.
STATES: dict[str, str | Promise] = {
    RequestState.RECEIVED: gettext_lazy("刚收到"),
    RequestState.VERIFYING: gettext_lazy("等对方证明身份"),
    RequestState.NEED_INFO: gettext_lazy("等对方补充"),
    RequestState.ACCEPTED: gettext_lazy("处理中"),
    RequestState.PLANNED: gettext_lazy("已列计划，等批准"),
    RequestState.APPROVED: gettext_lazy("计划已批准"),
    RequestState.EXECUTING: gettext_lazy("正在执行"),
    RequestState.CHECKING: gettext_lazy("正在核对"),
    RequestState.FULFILLED: gettext_lazy("已办妥"),
    RequestState.PARTLY_FULFILLED: gettext_lazy("部分办妥"),
    RequestState.REFUSED: gettext_lazy("已答复：不能办"),
    RequestState.WITHDRAWN: gettext_lazy("对方已撤回"),
    RequestState.LAPSED: gettext_lazy("已失效"),
}
ACTORS: dict[str, str | Promise] = {
    "guardian": gettext_lazy("本人"),
    "staff": gettext_lazy("工作人员"),
    "system": gettext_lazy("系统"),
    "anonymous": gettext_lazy("未登录的人"),
}
GROUPS: dict[str, str | Promise] = {
    "at_once": gettext_lazy("马上要看"),
    "overdue": gettext_lazy("已经超期"),
    "soon": gettext_lazy("一周内到期"),
    "later": gettext_lazy("还有时间"),
    "waiting": gettext_lazy("在等对方"),
    "closed": gettext_lazy("已经办结"),
}


@dataclass(frozen=True)
class Line:
    """One request in the list: what, how far, until when. No words of anybody's, and no number."""

    request: DataSubjectRequest
    kind: str
    state: str
    group: str
    left: str
    tone: str
    """``warn`` or empty: whether the time left is to stand out."""
    of_child: bool


def line(request: DataSubjectRequest, at: datetime) -> Line:
    """The request as the list shows it at ``at``."""
    group = group_of(request, at)
    return Line(
        request=request,
        kind=RequestKind(request.kind).label,
        state=str(STATES[request.state]),
        group=group,
        left=time_left(request, at),
        tone="warn" if group in {"at_once", "overdue", "soon"} else "",
        of_child=request.on_behalf == OnBehalf.WARD,
    )


def grouped(requests: Iterable[DataSubjectRequest], at: datetime) -> list[tuple[str, str, list[Line]]]:
    """(name, heading, lines) of each group, in the order in which they need somebody."""
    order = list(GROUPS)
    lines = sorted((line(one, at) for one in requests), key=lambda one: order.index(one.group))
    return [(name, str(GROUPS[name]), list(rows)) for name, rows in groupby(lines, key=lambda one: one.group)]


def group_of(request: DataSubjectRequest, at: datetime) -> str:
    if request.state in CLOSED:
        return "closed"
    if request.at_once:
        return "at_once"
    if request.due_at < at:
        return "overdue"
    if request.state in WAITING_FOR_THEM:
        return "waiting"
    return "soon" if days_left(request, at) <= _SOON else "later"


def days_left(request: DataSubjectRequest, at: datetime) -> int:
    """Calendar days to the last one; negative once it has passed."""
    return (timezone.localdate(request.due_at) - timezone.localdate(at)).days


def time_left(request: DataSubjectRequest, at: datetime) -> str:
    """The days left in words; empty once the request is closed."""
    if request.state in CLOSED:
        return ""
    days = days_left(request, at)
    if days < 0:
        return _("超期 %d 天") % -days
    return _("今天到期") if days == 0 else _("还有 %d 天") % days


def title_of(request: DataSubjectRequest) -> str:
    """Such as "Q-4827316 更正、补充"."""
    return f"{request.reference} {RequestKind(request.kind).label}"


def facts_of(request: DataSubjectRequest) -> list[tuple[str, str]]:
    """Who asks, for whom, from where, and how well we know them."""
    return [
        (_("来自"), Entrance(request.entrance).label),
        (_("为谁"), OnBehalf(request.on_behalf).label),
        (_("身份"), Identity(request.identity).label),
        (_("账号"), _("找到了") if request.known else _("没有认出")),
        (_("第几次"), _("一年内第 %d 次同类请求") % request.repeats),
        (_("时限"), Clock(request.clock).label),
    ]


def event_line(event: RequestEvent, names: dict[str, str]) -> tuple[datetime, str, str]:
    """(when, what, who) of one entry of the history; ``names`` are of colleagues."""
    what = STATES.get(event.what) or WHAT.get(event.what) or event.what
    who = names.get(str(event.actor_id), "") or str(ACTORS.get(event.actor_kind, event.actor_kind))
    return event.at, str(what), who


WHAT: dict[str, str | Promise] = {
    "asked": gettext_lazy("问了对方"),
    "answered": gettext_lazy("对方补充了"),
    "warned": gettext_lazy("提醒：快到期了"),
    "replied": gettext_lazy("答复了对方"),
    "taken": gettext_lazy("有人接手"),
    "looked": gettext_lazy("打开看过"),
}
