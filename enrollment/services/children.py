"""The child of a booking: named only if its guardian wishes, fit for the course, let go without a trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import children as wards
from accounts.services.guardians import guardian_actor
from enrollment.models import ClassSession, TrialBooking
from enrollment.personal_rows import unname
from enrollment.services.ages import check_ages
from enrollment.services.waitlist import forget_child
from enrollment.services.wishes import ChildWish
from kit.limiter import Limit, LimiterUnavailable, take
from privacy.audit.services import record
from privacy.consent.enums import Channel
from privacy.consent.services import refuse_for_children
from privacy.minors import services as minors
from privacy.minors.exceptions import ChildInvalid, ChildUnknown
from privacy.minors.typed import NO_MONTH, month_from, nickname_from

logger = logging.getLogger(__name__)

MOST_CHANGES = 20  # children added or corrected by one guardian within a day, deleted ones included


def settle_child(
    *,
    guardian: User,
    wish: ChildWish,
    agreements: Mapping[str, str],
    session: ClassSession | None,
    channel: Channel,
) -> UUID:
    """The subject id of one child to book for; see `settle_children`."""
    [child_id] = settle_children(
        guardian=guardian, wishes=[wish], agreements=agreements, session=session, channel=channel
    )
    return child_id


def settle_children(
    *,
    guardian: User,
    wishes: Sequence[ChildWish],
    agreements: Mapping[str, str],
    session: ClassSession | None,
    channel: Channel,
) -> list[UUID]:
    """The subject ids of the children to book for; kept now, with the guardian's consent, where they are new.

    Within the booking's transaction and after everything in it that may be refused: a child is committed at
    once, in another database, and none before all have been looked at. ``agreements`` has to hold the
    children's rules, except for children already kept whose consent is to the version in force. Raises
    ChildUnknown, ChildInvalid, AgeUnsuitable, AgreementsRequired, DocumentStale.
    """
    meant: list[ChildWish] = []
    for place, wish in enumerate(wishes, 1):
        try:
            meant.append(_look_at(guardian, wish))
            _refuse_twins(meant)
        except (ChildInvalid, ChildUnknown) as wrong:
            wrong.place = place
            raise
    if session is not None:
        check_ages([child.birth_month for child in meant if child.birth_month], session)
    return [_keep(guardian, child, agreements, channel) for child in meant]


def _look_at(guardian: User, wish: ChildWish) -> ChildWish:
    """The child in one spelling, and with its month."""
    if wish.id is not None:
        known = wards.find_child(guardian=guardian, child_id=wish.id)
        return ChildWish(id=known.id, nickname=known.nickname, birth_month=known.birth_month)
    if wish.birth_month is None:
        raise ChildInvalid("birth_month", NO_MONTH)
    return ChildWish(nickname=nickname_from(wish.nickname), birth_month=month_from(wish.birth_month))


def _refuse_twins(children: Sequence[ChildWish]) -> None:
    """A seat for each child. Two by the same nickname and month are one child, to the vault too."""
    *others, last = children
    for other in others:
        both_kept = last.id is not None and other.id is not None
        alike = (last.nickname.casefold(), last.birth_month) == (other.nickname.casefold(), other.birth_month)
        if last.id == other.id if both_kept else alike:
            raise ChildInvalid("nickname", _("这个孩子前面已经填过了。两个孩子的话，小名要不一样"))


def _keep(guardian: User, child: ChildWish, agreements: Mapping[str, str], channel: Channel) -> UUID:
    if child.id is not None:
        wards.renew_consent(guardian=guardian, child_id=child.id, agreements=agreements, channel=channel)
        return child.id
    if child.birth_month is None:
        raise ChildInvalid("birth_month", NO_MONTH)
    return wards.add_child(
        guardian=guardian,
        nickname=child.nickname,
        birth_month=child.birth_month,
        agreements=agreements,
        channel=channel,
    )


def refuse_children(*, guardian: User, channel: Channel) -> None:
    """Record, in the booking's transaction, that the guardian lets nothing about a child be kept."""
    refuse_for_children(subject=guardian.pk, channel=channel, by=guardian_actor(guardian))


def count_change(*, guardian: User) -> None:
    """Adding, correcting and deleting children over and over would fill the stores. Raises LimitReached."""
    try:
        take([Limit(scope="change child", key=str(guardian.pk), count=MOST_CHANGES, seconds=86400)])
    except LimiterUnavailable:  # whoever is signed in gets on without Redis too
        logger.warning("a change of a child was not counted")


def remove_child(*, guardian: User, public_id: str, channel: Channel) -> bool:
    """Take the guardian's consent back and let their bookings go on without a name; whether the child went.

    It goes with its last guardian, keys first; another one keeps it, and the bookings made for it by them.
    Raises ChildUnknown. Not within a transaction. What breaks off half-way the sweep finishes within hours.
    """
    by = guardian_actor(guardian)
    child_id = wards.id_of(guardian=guardian, public_id=public_id)
    minors.doubt_child(guardian_id=guardian.pk, child_id=child_id, by=by)
    with transaction.atomic(durable=True):
        wards.lock(guardian)
        wards.withdraw(guardian=guardian, child_id=child_id, channel=channel)
        forget_child(guardian=guardian, child_id=child_id)
        for booking in TrialBooking.objects.of(guardian.pk).filter(child_id=child_id).order_by("pk"):
            unname(booking.pk)
            record("trial.unnamed", by=by, subject=guardian.pk, target=booking)
    return wards.leave(guardian_id=guardian.pk, child_id=child_id, by=by)
