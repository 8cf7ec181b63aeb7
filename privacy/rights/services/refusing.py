"""Saying no: a code, what it rests on, a reason in words, and a second person who agrees (PIPL 50)."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.rights.enums import (
    CLOSED,
    RIGHTS,
    Identity,
    OnBehalf,
    Outcome,
    RefusalCode,
    RequestKind,
    RequestState,
)
from privacy.rights.exceptions import RequestMoved, RequestRefused, RequestUnknown, SecondPersonNeeded
from privacy.rights.models import DataSubjectRequest, Refusal, RequestedRight
from privacy.rights.policies import APPROVE_REFUSAL, CALL_EXCESSIVE, require, require_staff
from privacy.rights.services.steps import happened, held, settle
from privacy.rights.wording import BLANK, GROUNDS

LEAST, MOST = 20, 800  # characters of a reason
_DIFFERENT = 10  # characters that are not the same: a reason, and not a key held down
_ARTICLE = re.compile(r"\S{3,}第 ?[零一二三四五六七八九十百千0-9]+ ?条")
_DAY = re.compile(r"\d{4} ?年 ?\d{1,2} ?月 ?\d{1,2} ?日|\d{4}-\d{2}-\d{2}")
_NEVER: tuple[RequestKind, ...] = (RequestKind.WITHDRAW,)
_WHO_IS_IT = (RefusalCode.NOT_PROVED, RefusalCode.NOT_HELD)
# Some grounds are about some rights alone.
_ONLY_FOR = {
    RefusalCode.NOT_FEASIBLE: (RequestKind.TRANSFER,),
    RefusalCode.STATUTORY_PERIOD: (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT),
    RefusalCode.LEGAL_HOLD: (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT),
}


@transaction.atomic
def propose_refusal(
    *, request: DataSubjectRequest, kind: str, code: str, clause: str, reason: str, by: Actor
) -> Refusal:
    """Propose not to grant one right; it counts once `approve_refusal` was called by somebody else.

    Proposing again replaces what was proposed, and whoever did so last needs another to agree. ``clause``
    names what it rests on, ``reason`` says it in the words that the person reads. Raises RequestRefused with
    the field that will not do, RequestMoved, NotEntitled: only who may `call_excessive` calls a repeat too
    many.
    """
    require_staff(by)
    row = held(request.pk)
    if row.state in CLOSED or row.state in (RequestState.EXECUTING, RequestState.CHECKING):
        raise RequestMoved(row.state)
    right = row.rights.filter(kind=kind, outcome=Outcome.PENDING).first()
    if right is None:
        raise RequestMoved(row.state)
    ground = RefusalCode(code)
    _fits(row, RequestKind(kind), ground)
    _says_enough(ground, clause.strip(), reason.strip())
    if ground == RefusalCode.EXCESSIVE_REPEAT:
        require(CALL_EXCESSIVE, of=by)
    return _proposed(row, right, ground, clause.strip(), reason.strip(), by)


@transaction.atomic
def approve_refusal(*, refusal: Refusal, by: Actor) -> DataSubjectRequest:
    """Agree with a refusal that somebody else proposed: the right is refused, the reply still to be written.

    Raises SecondPersonNeeded for whoever proposed it, NotEntitled, RequestMoved where the refusal was
    changed, taken back or approved meanwhile.
    """
    require(APPROVE_REFUSAL, of=by)
    row = held(refusal.right.request_id)
    now = _unapproved(refusal, row)
    if now.proposed_by == by.id:
        raise SecondPersonNeeded
    now.approved_by, now.approved_at = by.id, timezone.now()
    now.save(update_fields=["approved_by", "approved_at"])
    settle(now.right, Outcome.REFUSED)
    happened(row, "refusal_approved", by=by, note=now.right.kind)
    detail = {"kind": now.right.kind, "code": now.code}
    record("refusal.approved", by=by, subject=row.subject_id, target=now, detail=detail)
    return row


@transaction.atomic
def decline_refusal(*, refusal: Refusal, by: Actor) -> DataSubjectRequest:
    """Take a proposed refusal away, by whoever proposed it or disagrees: the right is to be granted, or
    refused for a better reason. Raises RequestMoved, NotEntitled.
    """
    require_staff(by)
    row = held(refusal.right.request_id)
    now = _unapproved(refusal, row)
    happened(row, "refusal_declined", by=by, note=now.right.kind)
    detail = {"kind": now.right.kind, "code": now.code}
    record("refusal.declined", by=by, subject=row.subject_id, target=now, detail=detail)
    now.delete()
    return row


def _unapproved(refusal: Refusal, row: DataSubjectRequest) -> Refusal:
    """The refusal as it stands now, under the held request, if it is still what the caller read."""
    now = Refusal.objects.filter(pk=refusal.pk, approved_at=None).select_related("right").first()
    if now is None or row.state in CLOSED or now.proposed_at != refusal.proposed_at:
        raise RequestMoved(row.state)
    return now


def _proposed(
    row: DataSubjectRequest, right: RequestedRight, code: RefusalCode, clause: str, reason: str, by: Actor
) -> Refusal:
    if by.id is None:
        raise RequestUnknown
    refusal = Refusal.objects.filter(right=right).select_related("right").first() or Refusal(right=right)
    refusal.code, refusal.clause, refusal.reason = code, clause, reason
    refusal.proposed_by, refusal.proposed_at = by.id, timezone.now()
    refusal.save()
    happened(row, "refusal_proposed", by=by, note=right.kind)
    detail = {"kind": right.kind, "code": code.value}
    record("refusal.proposed", by=by, subject=row.subject_id, target=refusal, detail=detail)
    return refusal


def _fits(row: DataSubjectRequest, kind: RequestKind, code: RefusalCode) -> None:
    """Whether that ground can be held against that right of that request at all."""
    if kind not in RIGHTS:
        raise RequestRefused("kind", _("这一项只能答复，不能拒绝"))
    if kind in _NEVER and code not in _WHO_IS_IT:
        raise RequestRefused("kind", _("撤回同意不能拒绝（个人信息保护法第十五条）"))
    if kind not in _ONLY_FOR.get(code, (kind,)):
        raise RequestRefused("code", _("这个理由不适用于“%s”") % kind.label)
    if code == RefusalCode.EXCESSIVE_REPEAT and row.repeats < 2:  # noqa: PLR2004  once is no repeat
        raise RequestRefused("code", _("近一年里是第一次提出，不是重复"))
    proved = row.identity in (Identity.STEPPED_UP, Identity.PAPERS) and row.on_behalf == OnBehalf.SELF
    if code == RefusalCode.NOT_PROVED and proved:
        raise RequestRefused("code", _("已经证明是本人"))


def _says_enough(code: RefusalCode, clause: str, reason: str) -> None:
    """Whether the words tell somebody why (X2 5.0: a reasonable explanation, and not the name of a code)."""
    ground = GROUNDS[code]
    if len(clause) < 4 or (ground.by_article and not _ARTICLE.search(clause)):  # noqa: PLR2004  a name
        raise RequestRefused("clause", _("请写明依据哪一部法律的第几条"))
    own = reason.replace(ground.begins, "").replace(str(code.label), "")
    bare = "".join(letter for letter in own if letter.isalnum())
    if BLANK.search(reason) or len(bare) < LEAST or len(set(bare)) < _DIFFERENT:
        why = ground.must_say or _("写清这一次为什么")
        raise RequestRefused(
            "reason", _("理由太简单：%(why)s，至少 %(least)d 个字") % {"why": why, "least": LEAST}
        )
    if len(reason) > MOST:
        raise RequestRefused("reason", _("理由最多 %d 个字") % MOST)
    if code == RefusalCode.STATUTORY_PERIOD and not _DAY.search(reason):
        raise RequestRefused("reason", _("请写清存到哪年哪月哪日"))
