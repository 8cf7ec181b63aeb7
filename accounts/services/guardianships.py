"""More than one guardian of a child: invited by one who is, joined under a consent of one's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.children import MOST_CHILDREN, agree, co_guardians_of, id_of, lock, names_of
from accounts.services.guardians import guardian_actor, masked_phones_of, refuse_suspended
from kit.limiter import Limit, LimiterUnavailable, take
from privacy.consent.enums import Channel
from privacy.consent.services import agreed_for
from privacy.minors import invitations
from privacy.minors.exceptions import GuardianshipRefused, InvitationOver
from privacy.minors.invitations import MOST_GUARDIANS
from privacy.minors.models import GuardianInvitation
from privacy.rights.exceptions import UseBarred
from privacy.rights.services.restricting import refuse_barred, why_barred

logger = logging.getLogger(__name__)

MOST_INVITATIONS = 10  # by one guardian within a day


@dataclass(frozen=True, kw_only=True)
class Invited:
    """A new invitation. ``token`` stands in its link and nowhere else; it is told once."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Family:
    """Who looks after a child beside the one who asks, by masked numbers, and who may yet."""

    others: list[str]
    invited_until: datetime | None
    may_invite: bool


def family_of(*, guardian: User, child_id: UUID) -> Family:
    """Who else looks after the guardian's child; nothing of the child is opened. Raises ChildUnknown."""
    others = co_guardians_of(child_id=child_id, guardian_id=guardian.pk)
    phones = masked_phones_of(others) if others else {}
    return Family(
        others=[phones.get(other, "") for other in others],
        invited_until=invitations.open_until(guardian_id=guardian.pk, child_id=child_id),
        may_invite=len(others) + 1 < MOST_GUARDIANS,
    )


def invite_guardian(*, guardian: User, public_id: str) -> Invited:
    """A link by which one more guardian may join the child; one before it that is open ends.

    Raises ChildUnknown, GuardianshipRefused, LimitReached.
    """
    child_id = id_of(guardian=guardian, public_id=public_id)
    _refuse_barred(guardian.pk, child_id)
    try:
        take([Limit(scope="invite guardian", key=str(guardian.pk), count=MOST_INVITATIONS, seconds=86400)])
    except LimiterUnavailable:  # whoever is signed in gets on without Redis too
        logger.warning("an invitation of a guardian was not counted")
    token, expires_at = invitations.invite(
        guardian_id=guardian.pk, child_id=child_id, by=guardian_actor(guardian)
    )
    return Invited(token=token, expires_at=expires_at)


def withdraw_invitation(*, guardian: User, public_id: str) -> None:
    """End the open invitation to the guardian's child, if there is one. Raises ChildUnknown."""
    child_id = id_of(guardian=guardian, public_id=public_id)
    invitations.withdraw(guardian_id=guardian.pk, child_id=child_id, by=guardian_actor(guardian))


def find_invitation(*, token: str, guardian: User | None = None) -> GuardianInvitation:
    """The invitation of a link that may still be answered, by ``guardian`` if that is known.

    It tells nothing of the child. Raises InvitationUnknown, InvitationOver: whoever invited and then left the
    child, or had the use of what we keep restricted, invites nobody.
    """
    invitation = invitations.find(token=token, guardian_id=guardian.pk if guardian else None)
    if not agreed_for(subject=invitation.invited_by, children=[invitation.child_id]):
        raise InvitationOver
    if why_barred(invitation.invited_by, invitation.child_id):
        raise InvitationOver
    return invitation


def _refuse_barred(*people: UUID) -> None:
    """Raise GuardianshipRefused where the use of what is kept about one of these people has stopped."""
    try:
        refuse_barred(*people)
    except UseBarred as barred:
        raise GuardianshipRefused(barred.words) from barred


def child_joined(*, guardian: User, invitation: GuardianInvitation) -> str | None:
    """The name in addresses of the invitation's child, if the guardian looks after it already."""
    agreed = agreed_for(subject=guardian.pk, children=[invitation.child_id])
    return names_of(guardian=guardian).get(invitation.child_id) if agreed else None


def inviter_of(*, invitation: GuardianInvitation) -> str:
    """The masked number of whoever invites, for the eyes of who proved a number of their own."""
    return masked_phones_of([invitation.invited_by]).get(invitation.invited_by, "")


@transaction.atomic
def accept_invitation(*, guardian: User, token: str, agreements: Mapping[str, str], channel: Channel) -> UUID:
    """Look after the child too, under a consent of one's own; its subject id. Accepted again, the same.

    The consent is written first and the guardianship last: should it break off in between, nothing is seen,
    the link accepts again, and otherwise the sweep clears up. Raises InvitationUnknown, InvitationOver,
    GuardianshipRefused, AgreementsRequired, DocumentStale.
    """
    lock(guardian)
    try:
        refuse_suspended(guardian)
    except UseBarred as barred:
        raise GuardianshipRefused(barred.words) from barred
    _refuse_barred(guardian.pk)
    invitation = find_invitation(token=token, guardian=guardian)
    child_id: UUID = invitation.child_id
    if invitation.invited_by == guardian.pk:
        raise GuardianshipRefused(_("这是您自己发出的邀请，请把链接发给孩子的另一位监护人"))
    if child_joined(guardian=guardian, invitation=invitation):
        return child_id
    if len(agreed_for(subject=guardian.pk)) >= MOST_CHILDREN:
        raise GuardianshipRefused(_("您已经记了 %d 个孩子，是最多能记的数") % MOST_CHILDREN)
    agree(guardian=guardian, child_id=child_id, agreements=agreements, channel=channel)
    invitations.accept(invitation=invitation, guardian_id=guardian.pk, by=guardian_actor(guardian))
    return child_id
