"""Joining the waiting list by either door: a number proved just now, or a guardian who is signed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User, VerificationCode
from accounts.services.children import lock
from accounts.services.guardians import agree, enter, guardian_actor, refuse_suspended
from enrollment.exceptions import SeatFree, SessionClosed
from enrollment.models import ClassSession, WaitlistEntry
from enrollment.policies import can_wait
from enrollment.services.ages import check_age
from enrollment.services.children import count_change, refuse_children, settle_children
from enrollment.services.refusing import in_our_words
from enrollment.services.seats import MAY_CHANGE
from enrollment.services.waitlist import join
from enrollment.services.wishes import TrialRequest
from privacy.consent.services import REQUIRED_TO_BOOK, agreed_documents
from privacy.rights.services.restricting import refuse_barred


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
    """The entry, the first child's where several are named: each waits for a seat of its own."""
    lock(guardian)
    refuse_suspended(guardian)
    refuse_barred(guardian.pk)  # before anything of a child is kept
    if request.refuses_children:
        refuse_children(guardian=guardian, channel=request.consented_by)
    children: list[UUID | None] = [None]
    if request.children:
        _look_first(sessions)
        for born in [wish.birth_month for wish in request.children if wish.birth_month]:
            for session in sessions:
                check_age(born, session)  # before anything of a child is kept
            count_change(guardian=guardian)  # what is typed is kept before it shows whether one may wait
        children = [*_settled(guardian, sessions[0], request)]
    by = guardian_actor(guardian)
    entries = [
        join(guardian=guardian, sessions=sessions, child_id=child, channel=request.channel, by=by)
        for child in children
    ]
    return entries[0]


def _look_first(sessions: Iterable[ClassSession]) -> None:
    """Turn away who cannot wait, before anything of a child is kept; `join` asks once more."""
    now = timezone.now()
    for session in sessions:
        session.refresh_from_db(fields=MAY_CHANGE)
        if not can_wait(session, now):
            free = session.takes_bookings(now) and session.seats_left
            raise SeatFree(session) if free else SessionClosed(session)


def _settled(guardian: User, session: ClassSession, request: TrialRequest) -> list[UUID]:
    return settle_children(
        guardian=guardian,
        wishes=request.children,
        agreements=request.agreements,
        session=session,
        channel=request.consented_by,
    )
