"""Uses of what we know that are nobody's due: each needs a yes of its own, and a no ends it at once."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from privacy.actors import Actor
from privacy.audit.services import record
from privacy.consent.declarations import declaration_shown
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState, Document
from privacy.consent.models import ConsentNotice, ConsentRecord

OPTIONAL = (
    ConsentPurpose.MARKETING_SMS,
    ConsentPurpose.MARKETING_CALL,
    ConsentPurpose.SURVEY,
    ConsentPurpose.PERSONALISED,
)
_ROLE = ActingRole.GUARDIAN_OR_AUTHORISED


def decisions_of(*, subject: UUID) -> list[ConsentRecord]:
    """What the person decided last about each purpose, and about each child it concerns; one query."""
    standing = ConsentRecord.objects.standing(subject=subject)
    return sorted(standing, key=lambda kept: (ConsentPurpose.values.index(kept.purpose), kept.at))


def consent_stands(*, subject: UUID, purpose: ConsentPurpose) -> bool:
    """Whether the person's newest decision about an optional purpose is a yes; silence is none."""
    newest = _newest(subject, purpose)
    return newest is not None and newest.state == ConsentState.GIVEN


@transaction.atomic
def give(*, subject: UUID, purpose: ConsentPurpose, channel: Channel, by: Actor) -> ConsentRecord:
    """Record a yes to an optional purpose, under the privacy policy in force, unless one stands."""
    newest = _newest(subject, purpose)
    if newest and newest.state == ConsentState.GIVEN:
        return newest
    return _decide(ConsentState.GIVEN, subject, purpose, channel, by)


@transaction.atomic
def take_back(*, subject: UUID, purpose: ConsentPurpose, channel: Channel, by: Actor) -> ConsentRecord:
    """Record a no to an optional purpose, unless one stands. Who never said yes refuses."""
    newest = _newest(subject, purpose)
    if newest and newest.state != ConsentState.GIVEN:
        return newest
    state = ConsentState.WITHDRAWN if newest else ConsentState.REFUSED
    return _decide(state, subject, purpose, channel, by)


@transaction.atomic
def take_back_policy(*, subject: UUID, channel: Channel, by: Actor) -> list[ConsentRecord]:
    """Take back every yes of the person's that stands, whatever the version, but those for children.

    Each under the text it was given to: what was done until now was lawful by it (PIPL 15).
    """
    about_adults = (ConsentPurpose.TERMS, ConsentPurpose.PRIVACY, *OPTIONAL)
    standing = ConsentRecord.objects.standing(subject=subject)
    given = [one for one in standing if one.state == ConsentState.GIVEN and one.purpose in about_adults]
    return [
        _write(ConsentState.WITHDRAWN, one.notice, subject, ConsentPurpose(one.purpose), channel, by)
        for one in given
    ]


def _newest(subject: UUID, purpose: ConsentPurpose) -> ConsentRecord | None:
    if purpose not in OPTIONAL:
        raise ValueError(f"{purpose} is not for anybody to choose by itself")
    decided = ConsentRecord.objects.filter(subject_id=subject, purpose=purpose, concerning_id=None)
    return decided.select_related("notice").defer("notice__html").order_by("-at", "-id").first()


def _decide(
    state: ConsentState, subject: UUID, purpose: ConsentPurpose, channel: Channel, by: Actor
) -> ConsentRecord:
    policy = ConsentNotice.objects.in_force().filter(document=Document.PRIVACY).defer("html").get()
    return _write(state, policy, subject, purpose, channel, by)


def _write(
    state: ConsentState,
    shown: ConsentNotice,
    subject: UUID,
    purpose: ConsentPurpose,
    channel: Channel,
    by: Actor,
) -> ConsentRecord:
    kept = ConsentRecord.objects.create(
        subject_id=subject,
        notice=shown,
        purpose=purpose,
        state=state,
        at=timezone.now(),
        channel=channel,
        acting_role=_ROLE,
        declaration=declaration_shown(_ROLE),
    )
    record(
        f"consent.{state}",
        by=by,
        subject=subject,
        target=kept,
        detail={"purpose": purpose, "version": shown.version, "channel": channel},
    )
    return kept
