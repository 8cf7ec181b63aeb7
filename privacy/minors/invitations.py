"""Letting one more guardian in: a link that a guardian of the child makes, and that is answered once."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.minors.exceptions import GuardianshipRefused, InvitationOver, InvitationUnknown
from privacy.minors.guard import database, held, let_in, own
from privacy.minors.models import LIFETIME, Child, GuardianInvitation, Guardianship

MOST_GUARDIANS = 4  # of one child; the database holds it too


def invite(*, guardian_id: UUID, child_id: UUID, by: Actor) -> tuple[str, datetime]:
    """A new link's token, stored as a digest alone, and when it ends. An open one before it ends now.

    Raises GuardianshipRefused, ChildUnknown, NotTheGuardian.
    """
    let_in(guardian_id, by)
    child = own(guardian_id, child_id)
    if child.guardianships.count() >= MOST_GUARDIANS:
        raise GuardianshipRefused(_("这个孩子已经有 %d 位监护人，是最多能有的数") % MOST_GUARDIANS)
    token, now = secrets.token_urlsafe(24), timezone.now()
    invitation = GuardianInvitation(
        child=child,
        invited_by=guardian_id,
        token_hash=GuardianInvitation.hash_of(token),
        created_at=now,
        expires_at=now + LIFETIME,
    )
    with transaction.atomic(durable=True):
        record("invitation.made", by=by, subject=child_id, target=invitation)
    with transaction.atomic(using=database()):
        child = own(guardian_id, child_id, locked=True)
        child.invitations.unanswered().update(withdrawn_at=now)
        invitation.save(force_insert=True)
    return token, invitation.expires_at


def open_until(*, guardian_id: UUID, child_id: UUID) -> datetime | None:
    """When the open invitation to the guardian's child ends, or None. Raises ChildUnknown."""
    invitation = own(guardian_id, child_id).invitations.open(timezone.now()).first()
    return invitation.expires_at if invitation else None


def withdraw(*, guardian_id: UUID, child_id: UUID, by: Actor) -> None:
    """End the open invitation to the child, whichever of its guardians made it; where none is, nothing.

    Raises ChildUnknown, NotTheGuardian.
    """
    let_in(guardian_id, by)
    unanswered = own(guardian_id, child_id).invitations.unanswered().first()
    if unanswered is None:
        return
    with transaction.atomic(durable=True):
        record("invitation.withdrawn", by=by, subject=child_id, target=unanswered)
    with transaction.atomic(using=database()):
        own(guardian_id, child_id, locked=True)
        GuardianInvitation.objects.unanswered().filter(pk=unanswered.pk).update(withdrawn_at=timezone.now())


def find(*, token: str, guardian_id: UUID | None = None) -> GuardianInvitation:
    """The invitation that a link names: open, or accepted by this guardian, who still looks after the child.

    Raises InvitationUnknown, InvitationOver.
    """
    invitation = GuardianInvitation.objects.of_token(token).first()
    if invitation is None:
        raise InvitationUnknown
    if not _stands(invitation, guardian_id):
        raise InvitationOver
    return invitation


def accept(*, invitation: GuardianInvitation, guardian_id: UUID, by: Actor) -> None:
    """Join the child, on record in the caller's transaction, which holds the consent; again changes nothing.

    The guardianship is committed at once, in another database: call it last. Should the caller's transaction
    fail after all, the consent is missing: the guardian sees nothing, may accept again, and is otherwise
    swept away. Raises InvitationOver, NotTheGuardian.
    """
    let_in(guardian_id, by)
    record("guardianship.accepted", by=by, subject=guardian_id, target=invitation)
    with transaction.atomic(using=database()):
        child = held(invitation.child_id)
        asked = GuardianInvitation.objects.filter(pk=invitation.pk).first()
        if child is None or asked is None or not _stands(asked, guardian_id):
            raise InvitationOver
        Child.objects.filter(pk=child.pk).update(in_doubt_since=timezone.now())
        if asked.accepted_at is None:
            asked.accepted_by, asked.accepted_at = guardian_id, timezone.now()
            asked.save(update_fields=["accepted_by", "accepted_at"])
            Guardianship.objects.get_or_create(child=child, guardian_id=guardian_id)


def forget_answered(*, before: datetime) -> None:
    """Delete the invitations that ran out before ``before``, whatever became of them."""
    GuardianInvitation.objects.filter(expires_at__lt=before).delete()


def _stands(invitation: GuardianInvitation, guardian_id: UUID | None) -> bool:
    if invitation.accepted_at is None:
        return invitation.withdrawn_at is None and invitation.expires_at > timezone.now()
    if guardian_id is None or invitation.accepted_by != guardian_id:
        return False
    return Guardianship.objects.filter(child_id=invitation.child_id, guardian_id=guardian_id).exists()
