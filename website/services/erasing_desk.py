"""What officers do about an erasure: list what it would do, approve exactly that, see how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from privacy import ports
from privacy.actors import Actor
from privacy.erasure.enums import ERASED, Reason
from privacy.erasure.exceptions import ErasureRefused
from privacy.erasure.models import ErasureJob, ErasureRest, ErasureStep, ErasureSubject, RecipientNotice
from privacy.erasure.services.beginning import begin
from privacy.erasure.services.entitling import target_of
from privacy.erasure.services.planning import Preview, preview
from privacy.erasure.wording import CHANGED
from privacy.keystore import ledger
from privacy.rights.enums import ERASING, OnBehalf, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import RequestMoved, RequestRefused
from privacy.rights.models import DataSubjectRequest
from privacy.rights.policies import require
from privacy.rights.services.deciding import approve_plan, plan
from privacy.rights.services.planning import LISTED, digest_listed
from privacy.rights.services.steps import happened, held
from website.services.receipts import given_receipt, receipt_of

APPROVE_ERASURE = "erasure.approve_erasure"
_DIGEST = 40  # characters that the history keeps
_SIMPLY_ASKED = (Reason.NO_LONGER_NEEDED, Reason.UNLAWFUL, Reason.MINOR_ALONE, Reason.WITHDRAWN)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What an erasure would do, and a digest of that and of whom it would do it to."""

    preview: Preview
    digest: str


def wants_erasure(request: DataSubjectRequest) -> bool:
    """Whether something of the request waits for an erasure, and it can be known whose.

    Of somebody who died the officers name the account by the number that was theirs, each of them anew.
    """
    pending = request.rights.filter(kind__in=ERASING, outcome=Outcome.PENDING)
    if request.on_behalf == OnBehalf.WARD and request.concerning_id is None:
        return False
    return (request.known or request.on_behalf == OnBehalf.DECEASED) and pending.exists()


def listed(*, request: DataSubjectRequest, by: Actor, of: UUID | None = None) -> Listed:
    """Count what would go and what would stay. Raises RequestRefused where nobody is known."""
    try:
        target = target_of(request, of)
    except ErasureRefused as refused:
        raise RequestRefused("plan", refused.message) from refused
    shown = preview(subject_id=target.subject_id, by=by, scope=target.scope)
    digest = ledger.keyed("plan", f"{target.subject_id} {shown.digest}")[:_DIGEST]
    return Listed(preview=shown, digest=digest)


@transaction.atomic
def list_erasure(*, request: DataSubjectRequest, digest: str, by: Actor, of: UUID | None = None) -> None:
    """Put what an officer has read before a second look.

    Raises RequestRefused where it changed since, RequestMoved, NotEntitled.
    """
    row = held(request.pk)
    _same(row, digest, by, of)
    plan(request=row, by=by)
    happened(row, LISTED, by=by, note=digest)


@transaction.atomic
def approve_and_begin(
    *, request: DataSubjectRequest, digest: str, by: Actor, of: UUID | None = None
) -> ErasureJob:
    """Approve exactly what another one listed, and begin it in the same transaction.

    Raises NotEntitled, SecondPersonNeeded, RequestMoved, and RequestRefused where it changed meanwhile.
    """
    require(APPROVE_ERASURE, of=by)
    row = held(request.pk)
    if digest != digest_listed(row):
        raise RequestMoved(row.state)
    seen = _same(row, digest, by, of)
    if row.state != RequestState.APPROVED:
        row = approve_plan(request=row, by=by)
    try:
        job = begin(request=row, by=by, reason=reason_of(row), digest=seen.preview.digest, of=of)
    except ErasureRefused as refused:
        raise RequestRefused("plan", refused.message) from refused
    _tell(row, job)
    return job


def _tell(row: DataSubjectRequest, job: ErasureJob) -> None:
    """Who asked in their account and is signed out by now learns by which number they follow it."""
    receipt = receipt_of(given_receipt(row)) if row.on_behalf == OnBehalf.SELF and row.known else ""
    if receipt:
        ports.get("notifier").notify(
            template="rights_begun_door",
            kind=ERASED,
            id=job.pk,
            subject=job.pk,
            parameters={"reference": row.reference, "receipt": receipt},
        )


def reason_of(request: DataSubjectRequest) -> Reason:
    """Why somebody is erased, from what was asked; what the person ticked stands before their own words."""
    kinds = set(request.rights.values_list("kind", flat=True))
    if RequestKind.CLOSE_ACCOUNT in kinds:
        return Reason.CLOSED
    if RequestKind.WITHDRAW in kinds:
        return Reason.WITHDRAWN
    if request.on_behalf == OnBehalf.WARD:
        return Reason.GUARDIAN
    first = (request.words or "").partition("\n")[0]
    return next((reason for reason in _SIMPLY_ASKED if first == _("原因：%s") % reason.label), Reason.ASKED)


def is_erased(subject_id: UUID) -> bool:
    """Whether that is the alias of somebody who is gone, or somebody on their way out.

    What is left is then read for what the law names alone, and by no officer in passing.
    """
    return ErasureSubject.objects.filter(Q(alias=subject_id) | Q(subject_id=subject_id)).exists()


def erasure_of(request: DataSubjectRequest) -> ErasureJob | None:
    """The last erasure that the request led to, with its steps, what it left and who is told; or None."""
    jobs = request.erasures.select_related("request").order_by("-begun_at")
    return jobs.prefetch_related(
        Prefetch("steps", ErasureStep.objects.order_by("position")),
        Prefetch("rests", ErasureRest.objects.order_by("pk")),
        Prefetch("recipients", RecipientNotice.objects.select_related("job__request").order_by("pk")),
        "certificates",
    ).first()


def _same(row: DataSubjectRequest, digest: str, by: Actor, of: UUID | None) -> Listed:
    if not wants_erasure(row):
        raise RequestRefused("plan", _("这件请求没有要按计划删除的"))
    now = listed(request=row, by=by, of=of)
    if now.digest != digest:
        raise RequestRefused("plan", str(CHANGED))
    return now
