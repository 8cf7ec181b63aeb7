"""What else is kept of the canary: number, code, session, message, a request with all that follows it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.enums import ReleaseReason
from accounts.models import PhoneBinding, Session, VerificationCode
from kit.uuid7 import uuid7
from messaging.models import Message
from privacy.actors import Actor
from privacy.keystore.services import unproved_subject
from privacy.minors.models import ChildCorrection
from privacy.retention.models import HeldRecord, LegalHold
from privacy.rights.enums import Entrance, Identity, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.models import (
    Correction,
    DataSubjectRequest,
    DownloadTicket,
    ExportPackage,
    ExportStep,
    Pause,
    Refusal,
    Reply,
    RequestedRight,
    Restriction,
)
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.steps import held, settle, step
from website.canary.filling import Member, saved, words

_CODE = "918273"


def put_records(main: Member, other: Member) -> None:
    """One row at least of every table that services alone would not fill without writing to somebody."""
    _account(main)
    _messages(main)
    saved(ChildCorrection, main, child_id=main.wards[0], field="child.nickname")
    _requests(main)
    _was_held(main)


def _account(member: Member) -> None:
    now = timezone.now()
    PhoneBinding.objects.create(
        user_id=member.id,
        phone=member.phone,
        proved_at=now,
        released_at=now,
        release_reason=ReleaseReason.values[0],
    )
    saved(
        VerificationCode,
        member,
        subject_id=unproved_subject(now),
        phone=member.phone,
        code=_CODE,
        code_mac=b"mac",
        attempts=1,
        expires_at=now + timedelta(minutes=5),
    )
    saved(Session, member, account_id=member.id, expire_date=now + timedelta(days=1))


def _messages(member: Member) -> None:
    saved(
        Message,
        member,
        template="trial_requested",
        purpose="messages",
        recipient_kind="user",
        subject_id=member.id,
        recipient_id=member.id,
        parameters=words(member),
        matter=uuid7().hex,
        failure="timeout",
        state="unknown",
        due_at=timezone.now(),
    )


def _requests(member: Member) -> None:
    by = Actor("guardian", member.id)
    asked = Asked(
        kinds=[RequestKind.EXPORT, RequestKind.TRANSFER],
        on_behalf=OnBehalf.WARD,
        concerning_id=member.wards[0],
        words=f"{member.mark}写的话",
        phone=member.phone,
    )
    row = file_request(
        asked=asked,
        subject_id=member.id,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=by,
    ).request
    _dealt_with(member, row)
    _copied(member, row)
    step(held(row.pk), RequestState.WITHDRAWN, by=by, note="transfer")


def _dealt_with(member: Member, row: DataSubjectRequest) -> None:
    right = RequestedRight.objects.get(request=row, kind=RequestKind.TRANSFER)
    saved(Pause, member, request=row)
    saved(Refusal, member, right=right, clause="47", proposed_by=uuid7(), approved_by=uuid7())
    settle(right, Outcome.REFUSED)
    saved(Reply, member, request=row, written_by=uuid7())
    saved(Correction, member, request=row, field="binding.phone")
    saved(Restriction, member, request=row, subject_id=member.id)


def _copied(member: Member, row: DataSubjectRequest) -> None:
    now = timezone.now()
    package = saved(ExportPackage, member, request=row, state="queued", ready_at=None, expires_at=None)
    ExportPackage.objects.filter(pk=package.pk).update(ready_at=now, expires_at=now + timedelta(days=7))
    saved(ExportStep, member, package=package, area="accounts.user", position=1)
    saved(
        DownloadTicket,
        member,
        package=package,
        token_hash=uuid7().hex,
        made_at=now,
        expires_at=now + timedelta(minutes=5),
    )


def _was_held(member: Member) -> None:
    """A hold that was released: one that stands would keep what is to go."""
    now = timezone.now()
    hold = LegalHold.objects.create(
        subject_id=member.id,
        authority="演练",
        document="演练",
        placed_by=uuid7(),
        review_on=timezone.localdate(),
        released_at=now,
        released_by=uuid7(),
    )
    saved(HeldRecord, member, hold=hold, model="accounts.user", row_id=uuid7())
