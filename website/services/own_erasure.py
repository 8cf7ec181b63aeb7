"""Erasures of whoever is signed in: begun at once where nobody has to approve, found again afterwards."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.guardians import guardian_actor
from privacy import ports
from privacy.erasure.enums import Reason
from privacy.erasure.services.beginning import begin
from privacy.rights.enums import OnBehalf, RequestKind, RequestState
from privacy.rights.models import DataSubjectRequest
from website.services.own_requests import ask_for

CERTIFIED = (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT)
_UNDER_WAY = (RequestState.EXECUTING, RequestState.CHECKING)


@transaction.atomic
def close_now(*, holder: User) -> DataSubjectRequest:
    """Close the holder's account, everything of it erased; the request on record for it.

    Raises ErasureRefused with the reason in words, RequestMoved, LimitReached.
    """
    request = ask_for(holder=holder, kind=RequestKind.CLOSE_ACCOUNT, proved=True)
    act_on_erasure(request=request, holder=holder, reason=Reason.CLOSED, whole=True)
    return request


@transaction.atomic
def ask_to_erase(
    *,
    holder: User,
    reason: Reason,
    words: str = "",
    on_behalf: OnBehalf = OnBehalf.SELF,
    concerning_id: UUID | None = None,
    once: str = "",
) -> DataSubjectRequest:
    """Take the wish in, the number proved just now; what nobody has to approve is begun.

    What somebody under 18 filled in alone goes without debate, and so does a child whom nobody else looks
    after. A reproach that we did wrong reaches the officer as one of its own (X2-5.4a). Raises
    ErasureRefused, LimitReached.
    """
    said = (
        "\n".join(filter(None, [_("原因：%s") % reason.label, words]))
        if on_behalf == OnBehalf.SELF
        else words
    )
    request = ask_for(
        holder=holder,
        kind=RequestKind.ERASE,
        proved=True,
        words=said,
        on_behalf=on_behalf,
        concerning_id=concerning_id,
        once=once,
    )
    act_on_erasure(request=request, holder=holder, reason=reason, whole=not words, once=once)
    return request


def act_on_erasure(
    *, request: DataSubjectRequest, holder: User, reason: Reason, whole: bool, once: str = ""
) -> None:
    """Begin what nobody has to approve, and tell the officer of a reproach; other requests are left alone.

    ``whole``: nothing was written that may ask for a part only, which somebody reads before anything goes.
    Raises ErasureRefused, RequestMoved.
    """
    kinds = {right.kind for right in request.rights.all()}
    if not kinds & set(CERTIFIED) or request.state != RequestState.ACCEPTED:
        return
    if RequestKind.CLOSE_ACCOUNT in kinds:
        reason, whole = Reason.CLOSED, True
    elif reason == Reason.UNLAWFUL:
        said = request.words or str(reason.label)
        ask_for(holder=holder, kind=RequestKind.UNLAWFUL, proved=True, words=said, once=once)
    if kinds <= set(CERTIFIED) and whole and _at_once(request, reason):
        begin(request=request, by=guardian_actor(holder), reason=reason)
        request.refresh_from_db()


def _at_once(request: DataSubjectRequest, reason: Reason) -> bool:
    """Whether nobody has to approve that erasure."""
    if request.on_behalf == OnBehalf.WARD:
        return request.concerning_id in ports.get("wards").alone(request.subject_id)
    return request.on_behalf == OnBehalf.SELF and reason in (Reason.MINOR_ALONE, Reason.CLOSED)


def has_begun(request: DataSubjectRequest) -> bool:
    """Whether an erasure has begun by that request."""
    return request.erasures.exists()


def ended_account(request: DataSubjectRequest) -> bool:
    """Whether the account of whoever asked is gone, or going, by this request."""
    begun = request.erasures.exclude(scope="child").exists()
    return begun and request.on_behalf == OnBehalf.SELF


def closing_of(*, holder: User) -> DataSubjectRequest | None:
    """The request by which the holder's account is being closed this moment, by another tap."""
    mine = DataSubjectRequest.objects.of(holder.pk).filter(state__in=_UNDER_WAY)
    return mine.filter(kind__in=CERTIFIED, on_behalf=OnBehalf.SELF).first()
