"""Taking back the policy's consent altogether, and agreeing again (PIPL 15, 47; X2 5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from privacy import ports
from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.choices import take_back_policy
from privacy.consent.enums import ActingRole, Channel
from privacy.consent.services import record_consents
from privacy.rights.enums import Entrance, Identity, Outcome, RequestKind, RequestState
from privacy.rights.exceptions import ErasureBegun
from privacy.rights.models import DataSubjectRequest, Restriction
from privacy.rights.services.filing import Asked, file_request
from privacy.rights.services.replying import fulfil
from privacy.rights.services.restricting import hold_all, move_on, of_guardian, stand_still
from privacy.rights.services.steps import held, step
from privacy.rights.wording import AGREED_AGAIN, GRANTED

# What is asked for by taking everything back: the deletion is taken up along with it.
WITHDRAWAL = (RequestKind.WITHDRAW, RequestKind.ERASE)
# How a deletion that nobody has begun gets back to where it can be dropped.
_BACK: Mapping[RequestState, Sequence[RequestState]] = {
    RequestState.NEED_INFO: (RequestState.ACCEPTED,),
    RequestState.PLANNED: (RequestState.ACCEPTED,),
    RequestState.APPROVED: (RequestState.PLANNED, RequestState.ACCEPTED),
}
_BEGUN = (RequestState.EXECUTING, RequestState.CHECKING)


@transaction.atomic
def withdraw_all(
    *,
    subject_id: UUID,
    by: Actor,
    channel: Channel,
    entrance: Entrance = Entrance.ACCOUNT,
    identity: Identity = Identity.STEPPED_UP,
    words: str = "",
    idempotency_key: str | None = None,
) -> DataSubjectRequest:
    """End the use of everything at once, on record; the request in which the deletion is then looked into.

    Every yes that stands but those for children is taken back, the service ends, what is kept is left alone,
    and the deletion is taken up without a second request (X2 5.3). What was done before stays lawful (PIPL
    15). Children nobody else looks after are left alone too, and go with the deletion; others stay with
    their other guardian. Again, while it stands, the same request.
    """
    subjects = of_guardian(subject_id)
    hold_all(subjects)
    if standing := standing_withdrawal(subject_id):
        return standing
    request = file_request(
        asked=Asked(kinds=WITHDRAWAL, words=words),
        subject_id=subject_id,
        entrance=entrance,
        identity=identity,
        by=by,
        idempotency_key=idempotency_key,
    ).request
    ports.get("service_of").end_service(subject_id, by)
    take_back_policy(subject=subject_id, channel=channel, by=by)
    for earlier in _standing(subjects):
        move_on(request=earlier, by=by)
    stand_still(request=request, subjects=subjects, by=by)
    record("policy.withdrawn", by=by, subject=subject_id, target=request)
    fulfil(request=request, body=GRANTED[RequestKind.WITHDRAW], kinds=[RequestKind.WITHDRAW])
    return held(request.pk)


@transaction.atomic
def agree_again(*, subject_id: UUID, agreements: Mapping[str, str], by: Actor, channel: Channel) -> None:
    """Record a new yes, let the data be used again, and drop the deletion that had not begun (X2 5.3).

    ``agreements`` maps each document to the version shown. Raises AgreementsRequired, DocumentStale, and
    ErasureBegun; then nothing has changed. Whoever had not withdrawn only agrees.
    """
    hold_all([subject_id])
    record_consents(
        subject=subject_id,
        agreements=agreements,
        channel=channel,
        acting_role=ActingRole.GUARDIAN_OR_AUTHORISED,
        by=by,
    )
    standing = standing_withdrawal(subject_id)
    if standing is None:
        return
    request = held(standing.pk)
    erased = request.rights.get(kind=RequestKind.ERASE).outcome
    if request.state in _BEGUN or erased in (Outcome.GRANTED, Outcome.PARTLY):
        raise ErasureBegun
    move_on(request=request, by=by)
    record("policy.agreed_again", by=by, subject=subject_id, target=request)
    for state in _BACK.get(RequestState(request.state), ()):
        step(request, state, by=by, note="agreed_again")
    if request.state == RequestState.ACCEPTED:
        fulfil(request=request, body=AGREED_AGAIN, outcome=Outcome.DROPPED)


def _standing(subjects: Sequence[UUID]) -> list[DataSubjectRequest]:
    """The requests under which some of these people's data is restricted."""
    under = Restriction.objects.standing().filter(subject_id__in=subjects).values("request")
    return list(DataSubjectRequest.objects.filter(pk__in=under))


def standing_withdrawal(subject_id: UUID) -> DataSubjectRequest | None:
    """The request by which this person withdrew, while that stands."""
    mine = DataSubjectRequest.objects.of(subject_id).filter(kind=RequestKind.WITHDRAW)
    return mine.filter(restrictions__subject_id=subject_id, restrictions__lifted_at=None).first()
