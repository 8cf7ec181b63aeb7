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

from accounts.models import User
from privacy.rights.enums import (
    WAITING_FOR_THEM,
    Clock,
    Entrance,
    Identity,
    OnBehalf,
    RequestKind,
    RequestState,
)
from privacy.rights.models import DataSubjectRequest, RequestEvent
from website.services.request_desk import SOON, officer, tally

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
        kind=str(RequestKind(request.kind).label),
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
    if not request.is_owed:
        return "closed"
    if request.at_once:
        return "at_once"
    if request.last_day < timezone.localdate(at):
        return "overdue"
    if request.state in WAITING_FOR_THEM:
        return "waiting"
    return "soon" if days_left(request, at) < SOON.days else "later"


def days_left(request: DataSubjectRequest, at: datetime) -> int:
    """Calendar days to the last one; negative once it has passed."""
    return (request.last_day - timezone.localdate(at)).days


def time_left(request: DataSubjectRequest, at: datetime) -> str:
    """The days left in words; empty once the request is closed."""
    if not request.is_owed:
        return ""
    days = days_left(request, at)
    if days < 0:
        return _("超期 %d 天") % -days
    return _("今天到期") if days == 0 else _("还有 %d 天") % days


def pressing(user: object, *, at: datetime) -> str:
    """What to say of requests on the back office's first page; nothing where nothing presses ``user``."""
    who = officer(user) if isinstance(user, User) else None
    if who is None or not who.works:
        return ""
    counts = tally(who, at)
    told = (
        (counts.at_once, _("%d 件要马上看")),
        (counts.overdue, _("%d 件已经超期")),
        (counts.soon, _("%d 件一周内到期")),
    )
    said = "，".join(words % count for count, words in told if count)
    return _("个人信息请求：%s。") % said if said else ""


def facts_of(request: DataSubjectRequest) -> list[tuple[str, str]]:
    """Who asks, for whom, from where, and how well we know them."""
    return [
        (_("来自"), str(Entrance(request.entrance).label)),
        (_("为谁"), str(OnBehalf(request.on_behalf).label)),
        (_("身份"), str(Identity(request.identity).label)),
        (_("账号"), _("找到了") if request.known else _("没有认出")),
        (_("第几次"), _("一年内第 %d 次同类请求") % request.repeats),
        (_("时限"), str(Clock(request.clock).label)),
    ]


def event_line(event: RequestEvent, names: dict[str, str]) -> tuple[datetime, str, str]:
    """(when, what, who) of one entry of the history; ``names`` are of colleagues."""
    what = STATES.get(event.what) or WHAT.get(event.what) or event.what
    who = names.get(str(event.actor_id), "") or str(ACTORS.get(event.actor_kind, event.actor_kind))
    return event.at, str(what), who


# What happens besides steps, by the name under which it is written down.
WHAT: dict[str, str | Promise] = {
    "answered": gettext_lazy("对方补充了"),
    "warned": gettext_lazy("提醒：快到期了"),
    "replied": gettext_lazy("答复了对方"),
    "taken": gettext_lazy("有人接手"),
    "proved": gettext_lazy("身份有了证明"),
    "nothing_held": gettext_lazy("查过了：名下没有信息"),
    "granted": gettext_lazy("写下结果：已办"),
    "refusal_proposed": gettext_lazy("提出不能办"),
    "refusal_approved": gettext_lazy("同意了不能办的理由"),
    "refusal_declined": gettext_lazy("不能办的理由被退回"),
    "plan_listed": gettext_lazy("计划送去批准"),
    "reckoned": gettext_lazy("放假安排有变，期限重新算过"),
    "waited": gettext_lazy("等对方的日子不算，期限顺延"),
    "corrected": gettext_lazy("更正了信息"),
    "export_ready": gettext_lazy("副本做好了"),
    "downloaded": gettext_lazy("对方下载了副本"),
    "password_shown": gettext_lazy("对方看了副本的密码"),
    "viewed": gettext_lazy("对方在网页上看了副本"),
    "alarmed": gettext_lazy("立即提醒了专员"),
    "signed_out": gettext_lazy("账号已在所有设备退出"),
    "restricted": gettext_lazy("限制处理已执行"),
    "lifted": gettext_lazy("限制处理已解除"),
    "export_begun": gettext_lazy("开始做副本"),
    "export_failed": gettext_lazy("副本没有做成"),
    "export_expired": gettext_lazy("副本的文件已销毁"),
    "read_legal_claim": gettext_lazy("读取了受限的信息：应对法律主张"),
    "read_legal_duty": gettext_lazy("读取了受限的信息：履行法定义务"),
    "read_protect_rights": gettext_lazy("读取了受限的信息：保护他人权益"),
}
