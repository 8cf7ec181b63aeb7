"""What a guardian lets us do besides what they came for, and takes back."""

from __future__ import annotations

import logging

from django.db import transaction

from accounts.models import User
from accounts.services.children import lock
from accounts.services.guardians import guardian_actor
from kit.limiter import Limit, LimiterUnavailable, take
from messaging.services import void_offers
from privacy.consent import choices
from privacy.consent.enums import Channel, ConsentPurpose
from privacy.consent.models import ConsentRecord

logger = logging.getLogger(__name__)

MOST_YESES = 20  # of one guardian within a day; a no is never refused


def consents_of(*, guardian: User) -> list[ConsentRecord]:
    """The guardian's newest decision about everything they decided."""
    return choices.decisions_of(subject=guardian.pk)


def wants_offers(*, guardian: User) -> bool:
    """Whether the guardian agreed to be sent offers by message."""
    return choices.consent_stands(subject=guardian.pk, purpose=ConsentPurpose.MARKETING_SMS)


def agree_to(*, guardian: User, purpose: ConsentPurpose, channel: Channel) -> ConsentRecord:
    """Record the guardian's yes to an optional purpose. Raises LimitReached after twenty within a day."""
    try:
        take([Limit(scope="give consent", key=str(guardian.pk), count=MOST_YESES, seconds=86400)])
    except LimiterUnavailable:  # whoever is signed in gets on without Redis too
        logger.warning("a consent was not counted")
    with transaction.atomic():
        lock(guardian)
        return choices.give(
            subject=guardian.pk, purpose=purpose, channel=channel, by=guardian_actor(guardian)
        )


@transaction.atomic
def withdraw_from(*, guardian: User, purpose: ConsentPurpose, channel: Channel) -> ConsentRecord:
    """Record the guardian's no to an optional purpose; offers that wait to be sent are taken back with it."""
    lock(guardian)
    kept = choices.take_back(
        subject=guardian.pk, purpose=purpose, channel=channel, by=guardian_actor(guardian)
    )
    if purpose == ConsentPurpose.MARKETING_SMS:
        void_offers(subject=guardian.pk)
    return kept
