"""Requests as whoever made them reads them: what happened when, what comes next and by which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.day_words import date_in_words, moment_in_words
from privacy.rights.enums import (
    CLOSED,
    TRANSITIONS,
    WAITING_FOR_THEM,
    Clock,
    OnBehalf,
    Outcome,
    RequestKind,
    RequestState,
)
from privacy.rights.models import DataSubjectRequest, RequestedRight, RequestEvent
from website.services.callers import awaits_guardian

_LOOKS = {RequestState.FULFILLED: "ok", RequestState.PARTLY_FULFILLED: "ok"}
# What somebody is told of its course. Whatever else officers note among themselves is not listed here.
_HAPPENED: dict[str, str | Promise] = {
    RequestState.RECEIVED: gettext_lazy("收到了您的请求"),
    RequestState.VERIFYING: gettext_lazy("请您证明是本人"),
    RequestState.NEED_INFO: gettext_lazy("我们有一个问题要问您，期限先停下"),
    RequestState.ACCEPTED: gettext_lazy("开始办理"),
    RequestState.PLANNED: gettext_lazy("列出了要做的事"),
    RequestState.APPROVED: gettext_lazy("另一位工作人员核对并批准了要做的事"),
    RequestState.EXECUTING: gettext_lazy("正在执行"),
    RequestState.CHECKING: gettext_lazy("正在核对结果"),
    RequestState.FULFILLED: gettext_lazy("办妥了"),
    RequestState.PARTLY_FULFILLED: gettext_lazy("办妥了一部分"),
    RequestState.REFUSED: gettext_lazy("这件事不能办，理由写在答复里"),
    RequestState.WITHDRAWN: gettext_lazy("您撤回了请求"),
    RequestState.LAPSED: gettext_lazy("等了 30 天没有等到证明，请求失效了"),
    "answered": gettext_lazy("收到了您的回答，期限接着算"),
    "reckoned": gettext_lazy("新一年的放假安排出来了，最迟答复的日子重新算过"),
    "waited": gettext_lazy("等您的日子不算在期限里，最迟答复的日子往后移了"),
    "replied": gettext_lazy("我们写了答复"),
    "restricted": gettext_lazy("停止使用您的信息，只保存着"),
    "lifted": gettext_lazy("恢复使用您的信息"),
    "corrected": gettext_lazy("改好了信息"),
    "signed_out": gettext_lazy("您的账号已在所有设备退出登录"),
    "export_begun": gettext_lazy("开始做信息副本"),
    "export_failed": gettext_lazy("信息副本没有做成，工作人员会查看原因"),
    "export_expired": gettext_lazy("信息副本的文件已销毁"),
    "read_legal_claim": gettext_lazy("为了处理法律纠纷，工作人员查看了限制使用的信息"),
    "read_legal_duty": gettext_lazy("为了履行法定义务，工作人员查看了限制使用的信息"),
    "read_protect_rights": gettext_lazy("为了保护他人的重大权益，工作人员查看了限制使用的信息"),
}


@dataclass(frozen=True)
class OwnLine:
    """One request in the list."""

    title: str
    reference: str
    state: str
    look: str
    received: str
    next: str
    """What comes next, and until when; empty once it is over."""
    url: str


@dataclass(frozen=True)
class Moment:
    """One entry of the timeline."""

    at: datetime
    when: str
    what: str


@dataclass(frozen=True)
class OwnRight:
    """One right of the request, and what became of it."""

    title: str
    outcome: str
    look: str


def own_line(request: DataSubjectRequest) -> OwnLine:
    """The request as its list shows it."""
    return OwnLine(
        title=title_of(request),
        reference=request.reference,
        state=str(RequestState(request.state).label),
        look=look_of(request),
        received=date_in_words(timezone.localdate(request.received_at)),
        next=what_next(request),
        url=reverse("website:own-request", args=[request.public_id]),
    )


def title_of(request: DataSubjectRequest) -> str:
    """What was asked for, and for whom if not for oneself."""
    kind = str(RequestKind(request.kind).label)
    if request.on_behalf == OnBehalf.WARD:
        return _("%s（替孩子办）") % kind
    return _("%s（替去世的亲属办）") % kind if request.on_behalf == OnBehalf.DECEASED else kind


def look_of(request: DataSubjectRequest) -> str:
    """The colour of the state's tag."""
    if request.state in WAITING_FOR_THEM:
        return "warn"
    return _LOOKS.get(RequestState(request.state), "plain")


def what_next(request: DataSubjectRequest) -> str:
    """What comes next and by which day, without promising less time than there is."""
    if request.remains_until is not None and request.is_owed:
        return _rest(request.remains_until)
    if request.state in CLOSED:
        return ""
    if request.state == RequestState.NEED_INFO:
        return _("在等您回答一个问题。您回答了，期限接着算。")
    if request.state == RequestState.VERIFYING:
        return _("在等您确认是您要办的。") if awaits_guardian(request) else _("在等您证明是本人。")
    last = timezone.localdate(request.due_at)
    if last < timezone.localdate():
        return _("应该在 %s 前答复您，我们迟了，正在加紧办。") % date_in_words(last)
    return _("最迟 %s 答复您。") % date_in_words(last)


def _rest(until: date) -> str:
    if until < timezone.localdate():
        return _("余下的部分应该在 %s 前办到，我们迟了，正在加紧办。") % date_in_words(until)
    return _("余下的部分，最迟 %s 办到。") % date_in_words(until)


def why_that_day(request: DataSubjectRequest) -> str:
    """How the last day comes about; nothing to say of the day of a rest, which the reply gives."""
    if request.remains_until is not None:
        return ""
    if request.clock == Clock.WORKDAYS:
        return _("从收到的第二天起算 15 个工作日，周末和法定节假日不算，等您回答的整天也不算。")
    return _("从收到的第二天起算 15 天，等您回答的整天不算。")


def timeline(events: Iterable[RequestEvent]) -> Iterator[Moment]:
    """What happened, the first first; what officers noted among themselves left out."""
    begun = False
    for event in events:
        if words := _HAPPENED.get(event.what):
            if event.what == RequestState.ACCEPTED:
                words, begun = _("接着办理") if begun else words, True
            yield Moment(event.at, moment_in_words(event.at), str(words))


def rights_of(request: DataSubjectRequest) -> list[OwnRight]:
    """Each right that was asked for; what is decided among officers alone is pending here."""
    return [_right(right) for right in request.rights.all()]


def may_withdraw(request: DataSubjectRequest) -> bool:
    """Whether its owner can take it back: the table of steps lets them, and it holds no restriction."""
    if RequestState.WITHDRAWN not in TRANSITIONS[RequestState(request.state)]:
        return False
    return not request.restrictions.filter(lifted_at=None).exists()


def _right(right: RequestedRight) -> OwnRight:
    outcome = Outcome(right.outcome)
    looks = {Outcome.GRANTED: "ok", Outcome.PARTLY: "ok", Outcome.REFUSED: "warn"}
    return OwnRight(
        title=str(RequestKind(right.kind).label),
        outcome=str(outcome.label),
        look=looks.get(outcome, "plain"),
    )
