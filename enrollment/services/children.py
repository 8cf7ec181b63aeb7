"""The child of a booking: named only if its guardian wishes, fit for the course, let go without a trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services import children as wards
from accounts.services.guardians import guardian_actor
from enrollment.exceptions import AgeUnsuitable
from enrollment.models import ClassSession, TrialBooking
from kit.constraints import broken
from kit.limiter import Limit, LimiterUnavailable, take
from kit.uuid7 import uuid7
from privacy.audit.services import record
from privacy.consent.enums import Channel
from privacy.consent.services import refuse_for_children
from privacy.minors import services as minors
from privacy.minors.ages import months_between
from privacy.minors.exceptions import ChildInvalid
from privacy.minors.typed import NO_MONTH, month_from, nickname_from

logger = logging.getLogger(__name__)

MOST_CHANGES = 20  # children added or corrected by one guardian within a day, deleted ones included


@dataclass(frozen=True, kw_only=True)
class ChildWish:
    """For which child: one already kept, by its subject id, or what was typed.

    It prints without what was typed, of which nothing is kept outside of the vault, digests included.
    """

    id: UUID | None = None
    nickname: str = field(default="", repr=False)
    birth_month: date | None = field(default=None, repr=False)


def settle_child(
    *,
    guardian: User,
    wish: ChildWish,
    agreements: Mapping[str, str],
    session: ClassSession | None,
    channel: Channel,
) -> UUID:
    """The subject id of the child to book for; kept now, under the guardian's consent, if it is new.

    Within the booking's transaction and after everything in it that may be refused: the child is committed at
    once, in another database. ``agreements`` has to hold the children's rules, except for a child already
    kept whose consent is to the version in force. Raises ChildUnknown, ChildInvalid, AgeUnsuitable,
    AgreementsRequired, DocumentStale.
    """
    if wish.id is not None:
        known = wards.find_child(guardian=guardian, child_id=wish.id)
        _check_age(known.birth_month, session)
        wards.renew_consent(guardian=guardian, child_id=known.id, agreements=agreements, channel=channel)
        return known.id
    if wish.birth_month is None:
        raise ChildInvalid("birth_month", NO_MONTH)
    nickname, birth_month = nickname_from(wish.nickname), month_from(wish.birth_month)
    _check_age(birth_month, session)
    return wards.add_child(
        guardian=guardian,
        nickname=nickname,
        birth_month=birth_month,
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


def remove_child(*, guardian: User, public_id: str, channel: Channel) -> None:
    """Take the consent back, let the bookings go on without a name, and delete the child, keys first.

    Raises ChildUnknown. Not within a transaction. What breaks off half-way the sweep finishes within hours.
    """
    by = guardian_actor(guardian)
    child_id = wards.id_of(guardian=guardian, public_id=public_id)
    minors.doubt_child(guardian_id=guardian.pk, child_id=child_id, by=by)
    with transaction.atomic(durable=True):
        wards.lock(guardian)
        wards.withdraw(guardian=guardian, child_id=child_id, channel=channel)
        for booking in TrialBooking.objects.of(guardian.pk).filter(child_id=child_id).order_by("pk"):
            _unname(booking)
            record("trial.unnamed", by=by, subject=guardian.pk, target=booking)
    minors.delete_child(guardian_id=guardian.pk, child_id=child_id, by=by)


def _unname(booking: TrialBooking) -> None:
    """The seat stays. Where the family has an unnamed trial of the course already, nobody's id stands in."""
    named = TrialBooking.objects.filter(pk=booking.pk)
    try:
        with transaction.atomic():
            named.update(child_id=None)
    except IntegrityError as error:
        if broken(error) != "one_active_trial_unnamed":
            raise
        named.update(child_id=uuid7())


def _check_age(birth_month: date, session: ClassSession | None) -> None:
    if session is None:
        return
    months = months_between(birth_month, session.local_date)
    if not session.course.age_min_months <= months <= session.course.age_max_months:
        raise AgeUnsuitable(session, months)
