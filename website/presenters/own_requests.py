"""Requests as whoever made them reads them: what happened when, what comes next and by which day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

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

_LOOKS = {RequestState.FULFILLED: "ok", RequestState.PARTLY_FULFILLED: "ok"}
# What somebody is told of its course. Whatever else officers note among themselves is not listed here.
_HAPPENED: dict[str, str | Promise] = {
    RequestState.RECEIVED: gettext_lazy("收到了您的请求"),
    RequestState.VERIFYING: gettext_lazy("请您证明是本人"),
    RequestState.ACCEPTED: gettext_lazy("开始办理"),
    RequestState.PLANNED: gettext_lazy("列出了要做的事"),
    RequestState.APPROVED: gettext_lazy("另一位工作人员核对并批准了要做的事"),
    RequestState.EXECUTING: gettext_lazy("正在执行"),
    RequestState.CHECKING: gettext_lazy("正在核对结果"),
    RequestState.FULFILLED: gettext_lazy("办妥了，答复在下面"),
    RequestState.PARTLY_FULFILLED: gettext_lazy("办妥了一部分，答复在下面"),
    RequestState.REFUSED: gettext_lazy("这件事不能办，理由在下面"),
    RequestState.WITHDRAWN: gettext_lazy("您撤回了请求"),
    RequestState.LAPSED: gettext_lazy("等了 30 天没有等到证明，请求失效了"),
    "asked": gettext_lazy("我们有一个问题要问您，期限先停下"),
    "answered": gettext_lazy("收到了您的回答，期限接着算"),
    "reckoned": gettext_lazy("新一年的放假安排出来了，最迟答复的日子重新算过"),
    "waited": gettext_lazy("等您的日子不算在期限里，最迟答复的日子往后移了"),
    "replied": gettext_lazy("我们写了答复"),
    "restricted": gettext_lazy("停止使用您的信息，只保存着"),
    "lifted": gettext_lazy("恢复使用您的信息"),
    "agreed_again": gettext_lazy("您重新同意了"),
    "corrected": gettext_lazy("改好了信息"),
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
    if request.state in CLOSED:
        return ""
    if request.state == RequestState.NEED_INFO:
        return _("在等您回答一个问题。您回答了，期限接着算。")
    if request.state == RequestState.VERIFYING:
        return _("在等您证明是本人。")
    last = timezone.localdate(request.due_at)
    if last < timezone.localdate():
        return _("应该在 %s 前答复您，我们迟了，正在加紧办。") % date_in_words(last)
    return _("最迟 %s 答复您。") % date_in_words(last)


def why_that_day(request: DataSubjectRequest) -> str:
    """How the last day comes about."""
    if request.clock == Clock.WORKDAYS:
        return _("从收到的第二天起算 15 个工作日，周末和法定节假日不算，等您回答的整天也不算。")
    return _("从收到的第二天起算 15 天，等您回答的整天不算。")


def timeline(events: Iterable[RequestEvent]) -> Iterator[Moment]:
    """What happened, the first first; what officers noted among themselves left out."""
    for event in events:
        if words := _HAPPENED.get(event.what):
            yield Moment(event.at, moment_in_words(event.at), str(words))


def rights_of(request: DataSubjectRequest) -> list[OwnRight]:
    """Each right that was asked for; what is decided among officers alone is pending here."""
    return [_right(right) for right in request.rights.all()]


def may_withdraw(request: DataSubjectRequest) -> bool:
    """Whether the table of steps lets its owner take it back."""
    return RequestState.WITHDRAWN in TRANSITIONS[RequestState(request.state)]


def _right(right: RequestedRight) -> OwnRight:
    outcome = Outcome(right.outcome)
    looks = {Outcome.GRANTED: "ok", Outcome.PARTLY: "ok", Outcome.REFUSED: "warn"}
    return OwnRight(
        title=str(RequestKind(right.kind).label),
        outcome=str(outcome.label),
        look=looks.get(outcome, "plain"),
    )
