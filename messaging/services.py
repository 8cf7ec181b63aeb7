"""Messages: queued with what they tell about, sent by whoever holds the lease, at most once."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from messaging.enums import MessageState
from messaging.gateways import get_gateway
from messaging.gateways.base import Outcome
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.texts import TEXTS, render
from privacy import ports
from privacy.inventory.registry import purposes
from privacy.keystore.blind_index import blind_index
from privacy.keystore.exceptions import Erased, Frozen

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
SWEEP_BATCH = 200
MAX_ATTEMPTS = 5
SEND_TIMEOUT = 8.0  # seconds, well inside the lease
RETRY_AFTER = timedelta(seconds=20)
KEPT = timedelta(days=90)


def queue_message(
    *,
    template: str,
    recipient: Recipient,
    parameters: Mapping[str, str],
    purpose: str,
    due_at: datetime | None = None,
) -> Message:
    """Write a message in the caller's transaction and nudge a worker once that commits.

    ``parameters`` are sealed. The nudge carries the row's id alone and may be lost: a sweep every five
    seconds finds what no nudge reached.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a message is queued in the transaction of what it tells about")
    if purpose not in purposes:
        raise ValueError(f"{purpose!r} is no registered purpose")
    message = Message.objects.create(
        template=template,
        category=TEXTS[template].category,
        purpose=purpose,
        recipient_kind=recipient.kind,
        recipient_id=recipient.id,
        subject_id=recipient.subject,
        parameters=json.dumps(dict(parameters), ensure_ascii=False),
        due_at=due_at or timezone.now(),
    )
    transaction.on_commit(lambda: _nudge(message.pk))
    return message


def _nudge(message_id: UUID) -> None:
    try:
        current_app.send_task("messaging.tasks.deliver", args=[str(message_id)], retry=False)
    except (OperationalError, RedisError):
        logger.warning("nudge lost; the sweep will find the message", extra={"message_id": str(message_id)})


def deliver(*, message_id: UUID) -> None:
    """Send one message, if nobody else holds it.

    The lease and each step commit by themselves, so that another worker knows how far we came: a death
    before SENDING is repeated, one during SENDING is not.
    """
    at = timezone.now()
    if not Message.objects.lease(message_id, at=at, until=at + LEASE):
        return
    message = Message.objects.get(pk=message_id)
    if message.attempts > MAX_ATTEMPTS:
        _finish(message, MessageState.LEASED, MessageState.FAILED, failure="broken")
        return
    try:
        number = ports.get("address_of").number_of(message.recipient_kind, message.recipient_id)
        text = render(message.template, json.loads(message.parameters))
    except (Erased, Frozen):
        _finish(message, MessageState.LEASED, MessageState.VOID, failure="erased")
        return
    if number is None:
        _finish(message, MessageState.LEASED, MessageState.VOID, failure="no_address")
    elif Message.objects.move(
        message.pk,
        since=MessageState.LEASED,
        to=MessageState.SENDING,
        sent_to_index=blind_index("message.number", number),
    ):
        _hand_over(message, number, text)


def _hand_over(message: Message, number: str, text: str) -> None:
    gateway = get_gateway()
    result = gateway.send(to=number, text=text, reference=message.pk.hex, timeout=SEND_TIMEOUT)
    if result.outcome is Outcome.ACCEPTED:
        _finish(message, MessageState.SENDING, MessageState.SENT, gateway=gateway.name)
    elif result.outcome is Outcome.GATEWAY_DOWN and message.attempts < MAX_ATTEMPTS:
        Message.objects.move(
            message.pk,
            since=MessageState.SENDING,
            to=MessageState.QUEUED,
            due_at=timezone.now() + RETRY_AFTER,
            leased_until=None,
        )
    elif result.outcome is Outcome.UNKNOWN:
        _finish(message, MessageState.SENDING, MessageState.UNKNOWN, gateway=gateway.name, failure="timeout")
    else:
        _finish(
            message, MessageState.SENDING, MessageState.FAILED, gateway=gateway.name, failure=result.outcome
        )


def _finish(message: Message, since: MessageState, to: MessageState, **changes: str) -> None:
    Message.objects.move(
        message.pk, since=since, to=to, finished_at=timezone.now(), leased_until=None, **changes
    )


def sweep() -> int:
    """Send what no nudge reached or whose sender died; count what may or may not have been sent."""
    at = timezone.now()
    stranded = Message.objects.stranded(at).update(
        state=MessageState.UNKNOWN, finished_at=at, leased_until=None, failure="sender_died"
    )
    if stranded:
        logger.error("messages with unknown fate", extra={"count": stranded})
    ready = list(Message.objects.ready(at).order_by("due_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for pk in ready:
        try:
            deliver(message_id=pk)
        except Exception:  # one that cannot be sent must not keep the others back
            logger.exception("message not delivered", extra={"message_id": str(pk)})
    return len(ready)


def void_messages(*, kind: str, ids: Iterable[UUID]) -> int:
    """Take back what has not been sent to these recipients."""
    pending = Message.objects.filter(recipient_kind=kind, recipient_id__in=list(ids))
    pending = pending.filter(state__in=[MessageState.QUEUED, MessageState.LEASED])
    return pending.update(state=MessageState.VOID, finished_at=timezone.now(), leased_until=None)


def forget_messages(*, kind: str, ids: Iterable[UUID]) -> int:
    """Delete everything written to these recipients, sent or not."""
    deleted, _ = Message.objects.filter(recipient_kind=kind, recipient_id__in=list(ids)).delete()
    return deleted


def purge_messages(*, kind: str, before: datetime) -> int:
    """Delete what was written to recipients of ``kind`` before a moment."""
    deleted, _ = Message.objects.filter(recipient_kind=kind, created_at__lt=before).delete()
    return deleted


def read_inbox(*, number: str, limit: int = 20) -> list[Message]:
    """The newest messages sent to ``number`` (E.164), for the demo inbox.

    Raises PermissionError when a real gateway is in use: then nobody reads what was sent.
    """
    if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
        raise PermissionError("the demo inbox is closed")
    sent = Message.objects.filter(sent_to_index=blind_index("message.number", number))
    return list(sent.order_by("-finished_at", "-pk")[:limit])


def text_of(message: Message) -> tuple[str, str | None]:
    """The words of a message and the code in it, if it carries one."""
    parameters = json.loads(message.parameters)
    return render(message.template, parameters), parameters.get("code")


def newest_messages(*, limit: int = 20) -> list[Message]:
    """The newest messages sent to anybody, for the demo inbox. Raises PermissionError as `read_inbox`."""
    if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
        raise PermissionError("the demo inbox is closed")
    sent = Message.objects.filter(state=MessageState.SENT)
    return list(sent.order_by("-finished_at", "-pk")[:limit])
