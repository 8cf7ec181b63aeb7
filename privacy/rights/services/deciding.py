"""What officers do with a request: take, accept, plan, approve, grant; how the person takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.enums import ConsentState
from privacy.consent.models import ConsentRecord
from privacy.rights.enums import CLOSED, ERASING, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused, SecondPersonNeeded
from privacy.rights.models import DataSubjectRequest, ExportPackage, RequestedRight
from privacy.rights.policies import APPROVE_PLAN, require, require_staff, require_theirs
from privacy.rights.services.asking_back import end_pause
from privacy.rights.services.proving import is_proved_enough
from privacy.rights.services.reckoning import resume
from privacy.rights.services.steps import drop_pending, happened, held, settle, step

LOOKING = timedelta(minutes=10)  # for so long somebody is taken to have a request open


@dataclass(frozen=True, kw_only=True)
class TransferConditions:
    """The four conditions of a transfer, each judged by a person (网络数据安全管理条例 25; PIPL 45)."""

    identity_verified: bool
    by_consent_or_contract: bool
    feasible: bool
    harms_nobody: bool

    @property
    def all_met(self) -> bool:
        return all((self.identity_verified, self.by_consent_or_contract, self.feasible, self.harms_nobody))


@transaction.atomic
def take(*, request: DataSubjectRequest, by: Actor) -> DataSubjectRequest:
    """Make a member of staff the one who deals with it, whoever did before. Raises RequestMoved."""
    require_staff(by)
    row = held(request.pk)
    if row.state in CLOSED and row.state != RequestState.PARTLY_FULFILLED:
        raise RequestMoved(row.state)
    return _dealt_with(row, by, anew=True)


@transaction.atomic
def accept(*, request: DataSubjectRequest, by: Actor) -> DataSubjectRequest:
    """Deal with it now: proved, without waiting longer for an answer, or with its plan taken back.

    Raises RequestRefused where it has to be proved first who asks, RequestMoved, NotEntitled.
    """
    require_staff(by)
    row = held(request.pk)
    if not is_proved_enough(row):
        raise RequestRefused("identity", _("还没有证明是谁提出的，先核对身份"))
    waited = row.state in (RequestState.VERIFYING, RequestState.NEED_INFO)
    step(row, RequestState.ACCEPTED, by=by)
    end_pause(row)
    if waited:
        resume(request=row, at=timezone.now())
    return _dealt_with(row, by)


@transaction.atomic
def plan(*, request: DataSubjectRequest, by: Actor) -> DataSubjectRequest:
    """What is to be done was listed; somebody has to approve it. Raises RequestMoved, NotEntitled."""
    require_staff(by)
    row = held(request.pk)
    step(row, RequestState.PLANNED, by=by)
    return _dealt_with(row, by)


@transaction.atomic
def approve_plan(*, request: DataSubjectRequest, by: Actor) -> DataSubjectRequest:
    """Let what somebody else planned be carried out. Raises NotEntitled, RequestMoved, SecondPersonNeeded."""
    require(APPROVE_PLAN, of=by)
    row = held(request.pk)
    if row.state == RequestState.PLANNED and who_planned(row) == by.id:
        raise SecondPersonNeeded
    step(row, RequestState.APPROVED, by=by)
    return row


def who_planned(request: DataSubjectRequest) -> UUID | None:
    """Who listed last what is to be done: parents are told that another one approves it."""
    return request.events.filter(what=RequestState.PLANNED).values_list("actor_id", flat=True).last()


@transaction.atomic
def grant(*, request: DataSubjectRequest, kind: str, by: Actor, partly: bool = False) -> DataSubjectRequest:
    """Say that one right was granted, wholly or partly; what is done by a function needs its traces there.

    Raises RequestRefused for what only its deed can grant, RequestMoved, NotEntitled.
    """
    require_staff(by)
    if kind == RequestKind.TRANSFER:
        raise RequestRefused("kind", _("转移要先逐项核对四个条件"))
    return _granted(request, kind, by, partly=partly)


@transaction.atomic
def grant_transfer(
    *, request: DataSubjectRequest, conditions: TransferConditions, by: Actor
) -> DataSubjectRequest:
    """Grant a transfer, all four conditions met. Raises RequestRefused, RequestMoved, NotEntitled."""
    require_staff(by)
    if not conditions.all_met:
        raise RequestRefused("conditions", _("四个条件要都满足；不满足的，写明是哪一个再答复"))
    return _granted(request, RequestKind.TRANSFER, by)


@transaction.atomic
def withdraw_request(*, request: DataSubjectRequest, by: Actor) -> DataSubjectRequest:
    """The person no longer asks; what was already done stays done.

    Raises RequestUnknown where it is not theirs, RequestMoved where it is closed or being carried out, and
    RequestRefused where it holds a restriction: agreeing again or lifting ends that, and the request with it.
    """
    row = held(request.pk)
    require_theirs(row, by)
    if row.restrictions.filter(lifted_at=None).exists():
        raise RequestRefused("request", _("这次请求已经停用了您的信息；想恢复，请重新同意或解除限制"))
    step(row, RequestState.WITHDRAWN, by=by)
    end_pause(row)
    drop_pending(row)
    return row


@transaction.atomic
def look_at(*, request: DataSubjectRequest, by: Actor) -> UUID | None:
    """Note that a member of staff has it open, and tell who else has: a colleague's id, or None.

    Whoever came first counts until they have not moved for ten minutes. Raises NotEntitled.
    """
    require_staff(by)
    now = timezone.now()
    free = Q(looked_at_by=None) | Q(looked_at_by=by.id) | Q(looked_at__lt=now - LOOKING)
    mine = DataSubjectRequest.objects.filter(free, pk=request.pk)
    if mine.update(looked_at_by=by.id, looked_at=now):
        return None
    return DataSubjectRequest.objects.values_list("looked_at_by", flat=True).get(pk=request.pk)


def _dealt_with(row: DataSubjectRequest, by: Actor, *, anew: bool = False) -> DataSubjectRequest:
    """Whoever first does something with it deals with it from then on."""
    if by.kind == "staff" and row.handled_by != by.id and (anew or row.handled_by is None):
        row.handled_by = by.id
        row.save(update_fields=["handled_by"])
        happened(row, "taken", by=by)
        record("request.taken", by=by, subject=row.subject_id, target=row)
    return row


def _granted(
    request: DataSubjectRequest, kind: str, by: Actor, *, partly: bool = False
) -> DataSubjectRequest:
    row = held(request.pk)
    right = row.rights.filter(kind=kind, outcome__in=(Outcome.PENDING, Outcome.PARTLY)).first()
    if right is None or row.state not in (RequestState.ACCEPTED, RequestState.PARTLY_FULFILLED):
        raise RequestMoved(row.state)
    _refuse_undone(row, right, by)
    settle(right, Outcome.PARTLY if partly else Outcome.GRANTED)
    happened(row, "granted", by=by, note=right.kind)
    detail = {"kind": right.kind, "outcome": right.outcome}
    record("right.settled", by=by, subject=row.subject_id, target=right, detail=detail)
    return _dealt_with(row, by)


def _taken_back(row: DataSubjectRequest) -> bool:
    """Whether a known person has taken something back since they asked for themselves."""
    theirs = ConsentRecord.objects.filter(subject_id=row.subject_id, state=ConsentState.WITHDRAWN)
    by_hand = not row.known or row.on_behalf != OnBehalf.SELF
    return by_hand or theirs.filter(at__gte=row.received_at).exists()


def _refuse_undone(row: DataSubjectRequest, right: RequestedRight, by: Actor) -> None:
    """Raise RequestRefused where nothing shows that what is said to be done was done."""
    traces: dict[str, Callable[[], bool]] = {
        RequestKind.RECTIFY: row.corrections.exists,
        RequestKind.RESTRICT: row.restrictions.exists,
        RequestKind.EXPORT: ExportPackage.objects.filter(request=row, ready_at__isnull=False).exists,
        RequestKind.WITHDRAW: lambda: _taken_back(row),
    }
    if by.kind != "staff":
        return
    kind = RequestKind(right.kind)
    if kind in ERASING:
        raise RequestRefused("kind", _("删除和注销由系统执行并核对，不能手工写成已办"))
    if kind in traces and not traces[kind]():
        raise RequestRefused("kind", _("“%s”还没有办，先办再写结果") % kind.label)
