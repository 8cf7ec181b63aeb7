"""Joining the waiting list by either door: a number proved just now, or a guardian who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from accounts.models import User, VerificationCode
from accounts.services.children import lock
from accounts.services.guardians import agree, enter, guardian_actor
from enrollment.models import ClassSession, WaitlistEntry
from enrollment.services.ages import check_age
from enrollment.services.children import refuse_children, settle_child
from enrollment.services.refusing import in_our_words
from enrollment.services.waitlist import join
from enrollment.services.wishes import TrialRequest
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents


@in_our_words()
@transaction.atomic
def wait_by_proof(
    *, proof: VerificationCode, sessions: Sequence[ClassSession], request: TrialRequest
) -> WaitlistEntry:
    """Join for whoever holds the proved number; an account is made if there is none.

    Of ``request`` agreements, child and channel are read. Raises as `join`, and AgreementsRequired,
    DocumentStale and ChildInvalid.
    """
    guardian = enter(proof=proof, agreements=request.own_agreements, channel=request.consented_by)
    return _join(guardian, sessions, request)


@in_our_words()
@transaction.atomic
def wait_signed_in(
    *, guardian: User, sessions: Sequence[ClassSession], request: TrialRequest
) -> WaitlistEntry:
    """Join for a guardian who is signed in, whose agreements stand. Raises as `wait_by_proof`."""
    stand = agreed_documents(subject=guardian.pk) >= set(REQUIRED_TO_BOOK)
    if request.own_agreements or not stand:
        agree(user=guardian, agreements=request.own_agreements, channel=request.consented_by)
    return _join(guardian, sessions, request)


def _join(guardian: User, sessions: Sequence[ClassSession], request: TrialRequest) -> WaitlistEntry:
    lock(guardian)
    if request.refuses_children:
        refuse_children(guardian=guardian, channel=request.consented_by)
    return join(
        guardian=guardian,
        sessions=sessions,
        child_id=_child(guardian, sessions, request),
        channel=request.channel,
        by=guardian_actor(guardian),
    )


def _child(guardian: User, sessions: Sequence[ClassSession], request: TrialRequest) -> UUID | None:
    """The child waited for; one that suits not every class is not kept for it."""
    wish = request.child
    if wish is None:
        return None
    if wish.birth_month is not None:
        for session in sessions:
            check_age(wish.birth_month, session)
    return settle_child(
        guardian=guardian,
        wish=wish,
        agreements=request.agreements,
        session=sessions[0],
        channel=request.consented_by,
    )
