"""Requests for the demo's officers: a few in different states, of invented families, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from accounts.services.guardians import agree, find_guardian, guardian_actor, register
from privacy.actors import ANONYMOUS, Actor
from privacy.consent.enums import Channel
from privacy.consent.services import current_versions
from privacy.keystore.mac import mac
from privacy.rights.clock import due_at
from privacy.rights.enums import Clock, Entrance, Identity, OnBehalf, RequestKind
from privacy.rights.models import DataSubjectRequest, RequestEvent
from privacy.rights.services.asking_back import ask_back
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.refusing import propose_refusal
from privacy.rights.services.replying import reply

_NUMBER = "+861380000902{}"  # nobody's: the block tests and demos use; desks have those below


@dataclass(frozen=True)
class _Demo:
    """One request: what, in which words, how many days ago, whose (no family: by the open door), and then."""

    kind: RequestKind
    words: str
    days: int
    family: int | None = None
    on_behalf: OnBehalf = OnBehalf.SELF
    then: Callable[[DataSubjectRequest, Actor], object] | None = None


def _asked_back(request: DataSubjectRequest, by: Actor) -> None:
    ask_back(request=request, question="您想限制使用的是哪些信息？是全部，还是某一次预约的？", by=by)


def _not_feasible(request: DataSubjectRequest, by: Actor) -> None:
    propose_refusal(
        request=request,
        kind=RequestKind.TRANSFER,
        code="not_feasible",
        clause="《网络数据安全管理条例》第二十五条",
        reason="您指定的机构目前没有可以接收的系统，我们问过对方，技术上做不到。您可以先下载副本自己交给对方。",
        by=by,
    )


def _answered(request: DataSubjectRequest, by: Actor) -> None:
    reply(request=request, body="谢谢您的建议，课程表下个月起也会贴在校区门口。", final=True, by=by)


_DEMOS = (
    _Demo(RequestKind.RECTIFY, "预约里写的小名不对，请改过来。（演示）", 45, 1),
    _Demo(RequestKind.ACCESS, "想看看孩子有哪些信息存在你们这里。（演示）", 4, 2, OnBehalf.WARD),
    _Demo(RequestKind.TRANSFER, "请把资料转给另一家机构。（演示）", 9, 2, then=_not_feasible),
    _Demo(RequestKind.RESTRICT, "先别用我的信息。（演示）", 2, 3, then=_asked_back),
    _Demo(RequestKind.ERASE, "孩子不上课了，请把我的信息都删掉。（演示）", 1, 3),
    _Demo(RequestKind.QUESTION, "体验课上拍的照片会放到网上吗？（演示）", 3),
    _Demo(RequestKind.SUGGESTION, "课程表能不能也贴在校区门口？（演示）", 40, then=_answered),
)


@transaction.atomic
def keep_requests_there(*, officer: Actor) -> int:
    """See to it that the demo's requests are there, some dealt with by ``officer``; how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('website.keep_requests_there'))")
    return sum(_make(number, demo, officer) for number, demo in enumerate(_DEMOS))


def _make(number: int, demo: _Demo, officer: Actor) -> bool:
    name = mac("demo request", str(number)).hex()
    if DataSubjectRequest.objects.filter(idempotency_key=name).exists():
        return False
    family = _family(demo.family) if demo.family else None
    request = file_request(
        asked=Asked(kinds=[demo.kind], on_behalf=demo.on_behalf, words=demo.words),
        subject_id=family.pk if family else None,
        entrance=Entrance.ACCOUNT if family else Entrance.DOOR,
        identity=Identity.STEPPED_UP if family else Identity.UNKNOWN,
        by=guardian_actor(family) if family else ANONYMOUS,
        idempotency_key=name,
    ).request
    if demo.then:
        demo.then(request, officer)
    if demo.days:
        _put_back(request, timedelta(days=demo.days))
    return True


def _family(number: int) -> User:
    phone = _NUMBER.format(number)
    found = find_guardian(phone=phone)
    if found is None:
        found = register(phone=phone, channel=Channel.WEB)
        agree(user=found, agreements=current_versions(), channel=Channel.WEB)
    return found


def _put_back(request: DataSubjectRequest, by: timedelta) -> None:
    """As if all of it had happened so much earlier."""
    rows = DataSubjectRequest.objects.filter(pk=request.pk)
    received = request.received_at - by
    due = due_at(clock=Clock(request.clock), received_at=received)
    rows.update(received_at=received, due_at=due, closed_at=F("closed_at") - by)
    request.pauses.update(asked_at=F("asked_at") - by)
    request.replies.update(at=F("at") - by)
    events = list(request.events.order_by("at", "pk"))
    request.events.all().delete()
    for event in events:
        event.at -= by
    RequestEvent.objects.bulk_create(events)
