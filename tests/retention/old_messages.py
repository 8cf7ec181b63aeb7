"""A table with rows that are over their time, and the rule by which they go."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.utils import timezone

from kit.uuid7 import uuid7
from messaging.models import Message
from privacy.actors import Actor
from privacy.inventory.periods import period_of
from privacy.retention.models import LegalHold
from privacy.retention.rules import Rule
from privacy.retention.services import holds

DAYS = period_of("messages").days
OVER = DAYS + 1  # days
OLD = Rule(
    name="test.messages",
    title="短信",
    keep="messages",
    model="messaging.Message",
    since="created_at",
    subject="subject_id",
)
_SEALED = b"\1\1\0\1" + bytes(40)  # looks like a sealed value, and opens for nobody
OFFICER = Actor("staff", uuid7())


def with_purge(rule: Rule, **changed: object) -> Rule:
    """The rule, said otherwise."""
    return replace(rule, **changed)


def written(count: int, *, days_ago: float, subject: UUID | None = None) -> list[UUID]:
    """So many messages of that age; nothing is sealed in them, for nobody reads them."""
    at = timezone.now() - timedelta(days=days_ago)
    keys = [uuid7() for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO messaging_message (id, template, category, purpose, recipient_kind, recipient_id,
                subject_id, parameters, state, attempts, due_at, created_at, gateway, failure)
            SELECT key, 'trial_booked', 'service', 'messages', 'guardian', key, coalesce(%s, key), %s::bytea,
                'sent', 1, %s, %s, '', '' FROM unnest(%s::uuid[]) AS key
            """,
            [subject, _SEALED, at, at, keys],
        )
    return keys


def left() -> int:
    return Message.objects.count()


def held(subject: UUID, records: Sequence[tuple[str, UUID | None]], *, days: int = 30) -> LegalHold:
    """A hold on records of somebody's."""
    return holds.place(
        subject_id=subject,
        authority="北京市海淀区人民法院",
        document="(2026)京0108民初1号",
        review_on=timezone.localdate() + timedelta(days=days),
        records=records,
        by=OFFICER,
    )


def a_day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)
