"""A guardian's children: what the vault keeps of them, together with the consent that lets it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.guardians import guardian_actor, refuse_suspended
from kit.uuid7 import uuid7
from privacy.actors import Actor
from privacy.consent.enums import Channel, ConsentState, Document
from privacy.consent.models import ConsentRecord
from privacy.consent.services import (
    agree_for_child,
    agreed_for,
    has_agreed,
    who_agreed,
    withdraw_for_child,
)
from privacy.minors import services as minors
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.minors.services import ChildView
from privacy.minors.typed import month_from, nickname_from
from privacy.rights.exceptions import UseBarred
from privacy.rights.services.restricting import refuse_barred

MOST_CHILDREN = 10  # of one guardian
_A_BATCH = 500


def children_of(*, guardian: User) -> list[ChildView]:
    """The guardian's children in clear, the first one first; each look is on record."""
    # One without the guardian's consent is left over from something that failed, and goes by itself.
    agreed = agreed_for(subject=guardian.pk)
    return minors.children_of(guardian_id=guardian.pk, by=guardian_actor(guardian), among=agreed)


def find_child(*, guardian: User, child_id: UUID) -> ChildView:
    """One of the guardian's children in clear; on record. Raises ChildUnknown."""
    if not agreed_for(subject=guardian.pk, children=[child_id]):
        raise ChildUnknown
    found = minors.find_child(guardian_id=guardian.pk, child_id=child_id, by=guardian_actor(guardian))
    if found is None:
        raise ChildUnknown
    return found


def id_of(*, guardian: User, public_id: str) -> UUID:
    """The subject id of the guardian's child of that name; nothing is opened. Raises ChildUnknown."""
    child_id = minors.child_named(guardian_id=guardian.pk, public_id=public_id)
    if child_id is None or not agreed_for(subject=guardian.pk, children=[child_id]):
        raise ChildUnknown
    return child_id


def names_of(*, guardian: User) -> dict[UUID, str]:
    """The names in addresses of the guardian's children, by subject id; nothing of them is opened."""
    return minors.names_of(guardian_id=guardian.pk)


def co_guardians_of(*, child_id: UUID, guardian_id: UUID) -> list[UUID]:
    """Who else looks after the guardian's child, under a consent of their own; nobody for another's child.

    Nothing of the child is opened.
    """
    looking_after = minors.guardians_of(children=[child_id])[child_id]
    if guardian_id not in looking_after:
        return []
    agreed = who_agreed(children=[child_id])[child_id]
    return sorted(looking_after & agreed - {guardian_id}) if guardian_id in agreed else []


@transaction.atomic
def add_child(
    *, guardian: User, nickname: str, birth_month: date, agreements: Mapping[str, str], channel: Channel
) -> UUID:
    """Keep a child under its guardian's consent; the same nickname and month are the same child.

    Raises ChildInvalid, AgreementsRequired, DocumentStale; then nothing is kept. The child is written last:
    should the caller's transaction fail all the same, the sweep takes it away.
    """
    nickname, birth_month = nickname_from(nickname), month_from(birth_month)
    lock(guardian)
    try:
        refuse_suspended(guardian)
        refuse_barred(guardian.pk)
    except UseBarred as barred:
        raise ChildInvalid("nickname", barred.words) from barred
    known = children_of(guardian=guardian)
    same = next((child for child in known if _is_same(child, nickname, birth_month)), None)
    if same is None and len(known) >= MOST_CHILDREN:
        raise ChildInvalid("nickname", _("已经记了 %d 个孩子，是最多能记的数") % MOST_CHILDREN)
    child_id = same.id if same else uuid7()
    consent = agree(guardian=guardian, child_id=child_id, agreements=agreements, channel=channel)
    if same is None:
        minors.keep_child(
            child_id=child_id,
            guardian_id=guardian.pk,
            nickname=nickname,
            birth_month=birth_month,
            consent_id=consent,
            by=guardian_actor(guardian),
        )
    return child_id


@transaction.atomic
def renew_consent(*, guardian: User, child_id: UUID, agreements: Mapping[str, str], channel: Channel) -> None:
    """See that the guardian's yes for the child is to the rules in force; asked for anew only if it is not.

    Raises AgreementsRequired, DocumentStale.
    """
    if not has_agreed(subject=guardian.pk, document=Document.CHILDREN, child_id=child_id):
        agree(guardian=guardian, child_id=child_id, agreements=agreements, channel=channel)


def correct_child(
    *,
    guardian: User,
    child_id: UUID,
    nickname: str,
    birth_month: date,
    agreements: Mapping[str, str],
    channel: Channel,
) -> list[str]:
    """Write down what the guardian says is right; the declared ids of the fields that changed.

    Raises ChildInvalid, ChildUnknown, AgreementsRequired, DocumentStale.
    """
    nickname, birth_month = nickname_from(nickname), month_from(birth_month)
    others = [child for child in children_of(guardian=guardian) if child.id != child_id]
    if any(_is_same(child, nickname, birth_month) for child in others):
        raise ChildInvalid("nickname", _("已经有一个小名和出生年月都一样的孩子，换一个小名吧"))
    renew_consent(guardian=guardian, child_id=child_id, agreements=agreements, channel=channel)
    return minors.correct_child(
        guardian_id=guardian.pk,
        child_id=child_id,
        nickname=nickname,
        birth_month=birth_month,
        by=guardian_actor(guardian),
    )


def withdraw(*, guardian: User, child_id: UUID, channel: Channel) -> None:
    """Record that the guardian takes the consent for a child back, in the caller's transaction."""
    by = guardian_actor(guardian)
    withdraw_for_child(subject=guardian.pk, child_id=child_id, channel=channel, by=by)


def leave(*, guardian_id: UUID, child_id: UUID, by: Actor) -> bool:
    """End a guardian's part in a child, whose others it then rests on; whether it went with the last one.

    Raises ChildUnknown. Not within a transaction.
    """
    gone = minors.leave_child(guardian_id=guardian_id, child_id=child_id, by=by)
    if not gone:
        standing = ConsentRecord.objects.standing_about([child_id])
        for consent in standing:
            if consent.state == ConsentState.GIVEN and consent.subject_id != guardian_id:
                minors.rest_on(child_id=child_id, consent_id=consent.pk)
                break
    return gone


def lock(guardian: User) -> None:
    """Let nobody else add or remove a child of this guardian's until the transaction ends.

    ``guardian`` learns whether the account was closed meanwhile: what was under way then is refused.
    """
    row = User.objects.select_for_update(no_key=True).only("pk", "is_active").filter(pk=guardian.pk).first()
    guardian.is_active = row is not None and row.is_active


def sweep_children(*, before: datetime) -> int:
    """Settle the children marked before ``before`` whose consents stand; how many of the others went.

    A guardianship is written to its own database before the transaction with its consent commits, and stays a
    while after the one that withdraws it: whatever was killed in between is put right here. Who has not
    agreed looks after the child no more; a child nobody has agreed for goes.
    """
    dropped = 0
    while found := minors.children_in_doubt(before=before, most=_A_BATCH):
        looking_after, agreed = minors.guardians_of(children=found), who_agreed(children=found)
        settled = [child_id for child_id in found if looking_after[child_id] <= agreed[child_id]]
        minors.settle_children(children=settled, before=before)
        for child_id in set(found) - set(settled):
            without = looking_after[child_id] - agreed[child_id]
            dropped += minors.end_guardianships(child_id=child_id, guardians=without, before=before)
    return dropped


def agree(*, guardian: User, child_id: UUID, agreements: Mapping[str, str], channel: Channel) -> UUID:
    """The record of the guardian's yes for the child, in the caller's transaction.

    Raises AgreementsRequired, DocumentStale.
    """
    record = agree_for_child(
        subject=guardian.pk,
        child_id=child_id,
        agreements=agreements,
        channel=channel,
        by=guardian_actor(guardian),
    )
    return record.pk


def _is_same(child: ChildView, nickname: str, birth_month: date) -> bool:
    return child.nickname.casefold() == nickname.casefold() and child.birth_month == birth_month
