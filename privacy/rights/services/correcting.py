"""Putting right what is kept: what stood there, what stands there now, and what showed it (PIPL 46)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.inventory.registry import inventory
from privacy.rights.enums import Outcome, RequestKind, RequestState
from privacy.rights.exceptions import FieldLocked, RequestMoved
from privacy.rights.models import Correction, DataSubjectRequest
from privacy.rights.services.replying import fulfil
from privacy.rights.services.steps import happened, held
from privacy.rights.wording import GRANTED, NUMBER_CHANGED

NUMBER = "binding.phone"
OF_A_CHILD = ("child.nickname", "child.birth_month")
# What stays as it is, or is put right in another way (X1 6).
LOCKED: Mapping[str, str | Promise] = {
    "user.id": _("账号编号是随机的，只用来认出账号，不能改。"),
    "user.created_at": _("注册时间是系统当时记下的，不能改。"),
    NUMBER: _("手机号要用新号码的验证码来换，在“更换号码”里办。"),
}


# What staff wrote down or the software noted of somebody, and can have wrong.
_BY_STAFF = (
    "booking.city",
    "booking.campus",
    "booking.course",
    "booking.session",
    "booking.source",
    "booking.state",
    "booking.coming_at",
    "booking_event.state",
    "waitlist.state",
    "waitlist.session",
)


def correctable() -> list[tuple[str, str]]:
    """The fields that staff put right in words: declared id, and what people call it."""
    named = {one.id: f"{str(one.title).partition('（')[0]}：{one.name}" for _field, one in inventory()}
    return [(field, named[field]) for field in _BY_STAFF]


def why_locked(field: str) -> str | None:
    """Why the declared field is not corrected by hand, in a sentence for people; None where it is."""
    return str(LOCKED[field]) if field in LOCKED else None


@transaction.atomic
def correct(
    *, request: DataSubjectRequest, field: str, before: str, after: str, evidence: str, by: Actor
) -> Correction:
    """Staff put right or supplement, in words, what no page corrects; it stands in the request from then on.

    The row itself is evidence of what was done when, and stays. Raises FieldLocked, PermissionError,
    ValueError for a field that is not among `correctable` or without what showed it, and RequestMoved where
    no correction is asked for or nobody deals with it just now. A child's own values are its guardian's to
    correct.
    """
    if by.kind != "staff":
        raise PermissionError("people correct what their pages show; the rest is staff's")
    if reason := why_locked(field):
        raise FieldLocked(field, reason)
    if field in OF_A_CHILD:
        raise FieldLocked(field, str(_("孩子的信息只有监护人能改，在“孩子”里改。")))
    if field not in _BY_STAFF:
        raise ValueError(f"{field} is not put right by staff")
    if not evidence.strip():
        raise ValueError("a correction says what showed it to be right")
    row = held(request.pk)
    asked = row.rights.filter(kind=RequestKind.RECTIFY, outcome__in=(Outcome.PENDING, Outcome.PARTLY))
    if row.state not in (RequestState.ACCEPTED, RequestState.PARTLY_FULFILLED) or not asked.exists():
        raise RequestMoved(row.state)
    return record_correction(request=row, field=field, before=before, after=after, evidence=evidence, by=by)


@transaction.atomic
def note_child_corrected(*, request: DataSubjectRequest, fields: Sequence[str], by: Actor) -> None:
    """Answer a request with the fields of a child that were corrected, without their values."""
    for field in fields:
        record_correction(request=request, field=field, before=None, after=None, evidence="", by=by)
    fulfil(request=request, body=GRANTED[RequestKind.RECTIFY], kinds=[RequestKind.RECTIFY])


@transaction.atomic
def note_number_changed(*, request: DataSubjectRequest) -> None:
    """Answer a request with the change of number that stands in its corrections."""
    fulfil(request=request, body=NUMBER_CHANGED, kinds=[RequestKind.RECTIFY])


@transaction.atomic
def record_correction(
    *,
    request: DataSubjectRequest,
    field: str,
    before: str | None,
    after: str | None,
    evidence: str,
    by: Actor,
) -> Correction:
    """Write down a correction that was made elsewhere. A child's values stay in the vault: both None."""
    if field not in {declaration.id for _field, declaration in inventory()}:
        raise ValueError(f"{field} is no declared field")
    if field in OF_A_CHILD and (before, after) != (None, None):
        raise ValueError("a child's values do not leave the vault")
    row = Correction.objects.create(
        request=request, field=field, before=before, after=after, evidence=evidence.strip() or None
    )
    happened(request, "corrected", by=by, note=field[:40])
    record("data.corrected", by=by, subject=request.subject_id, target=row, detail={"field": field})
    return row
