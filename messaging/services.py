"""Messages: queued with what they tell about, sent by whoever holds the lease, at most once."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kit.constraints import broken
from kit.lock_wait import wait_at_most
from kit.quiet_hours import is_waking, next_waking
from messaging.enums import Category, MessageState
from messaging.gateways import get_gateway
from messaging.gateways.base import Outcome
from messaging.models import Message
from messaging.recipients import Recipient
from messaging.texts import BY_DAY, TEXTS, render
from privacy import ports
from privacy.consent.choices import consent_stands
from privacy.consent.enums import ConsentPurpose
from privacy.inventory.registry import purposes
from privacy.keystore.blind_index import blind_index
from privacy.keystore.exceptions import Erased, Frozen, Restricted
from privacy.keystore.services import keys_restricted, restricted_allowed
from privacy.rights.services.restricting import is_restricted

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
SWEEP_SECONDS = 4.0  # less than from one sweep to the next: the other hands of a worker are for nudges
MAX_ATTEMPTS = 5
SEND_TIMEOUT = 8.0  # seconds, well inside the lease
RETRY_AFTER = timedelta(seconds=20)
LOCK_WAIT = 5.0  # seconds for the row a message is about; whoever changes it is done by then
KEPT = timedelta(days=90)
RIGHTS = "rights"  # the purpose; what serves it goes out to those too who restricted the use of their data
MATTER_ONCE = "messaging_message_matter_key"  # as Django names the constraint of a unique column


def queue_message(
    *,
    template: str,
    recipient: Recipient,
    parameters: Mapping[str, str],
    purpose: str,
    due_at: datetime | None = None,
    about_id: UUID | None = None,
    about_at: datetime | None = None,
    matter: str | None = None,
) -> Message | None:
    """Write a message in the caller's transaction and nudge a worker once that commits.

    ``parameters`` are sealed. The nudge carries the row's id alone and may be lost: a sweep every five
    seconds finds what no nudge reached, and all that is given a ``due_at``. What ``about_id`` and
    ``about_at`` name is asked for again before the message leaves. Of one ``matter``, a line of random
    names and times, there is one message ever. None where nothing was written: the matter was, nobody
    agreed to such an offer, or the person had the use of their data restricted, or is erased.
    """
    _check(purpose)
    message = Message(
        template=template,
        category=TEXTS[template].category,
        purpose=purpose,
        recipient_kind=recipient.kind,
        recipient_id=recipient.id,
        subject_id=recipient.subject,
        parameters=json.dumps(dict(parameters), ensure_ascii=False),
        due_at=due_at or timezone.now(),
        about_id=about_id,
        about_at=about_at,
        matter=sha256(matter.encode()).hexdigest() if matter else None,
    )
    if not _may_be_sent(message) or not _written(message):
        return None
    if due_at is None:
        transaction.on_commit(lambda: _nudge(message.pk))
    return message


def _check(purpose: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("a message is queued in the transaction of what it tells about")
    if purpose not in purposes:
        raise ValueError(f"{purpose!r} is no registered purpose")


def _may_be_sent(message: Message) -> bool:
    """What offers something goes to whom consent lets it, and to nobody else.

    Who had the use of their data restricted is told of their own requests alone (PIPL 44).
    """
    if message.purpose != RIGHTS and keys_restricted(message.subject_id):
        return False
    if message.category != Category.MARKETING:
        return True
    return consent_stands(subject=message.subject_id, purpose=ConsentPurpose.MARKETING_SMS)


def _written(message: Message) -> bool:
    try:
        message.seal()
        with transaction.atomic() if message.matter else nullcontext():
            message.save(force_insert=True)
    except Erased:  # a trial of theirs that came back with a copy is called off, and nobody is told
        return False
    except IntegrityError as error:
        if not message.matter or broken(error) != MATTER_ONCE:
            raise
        return False
    return True


def told(*, template: str, about_id: str, about_at: str, void: bool = True) -> Exists:
    """Whether a message of ``template`` was written about a row and a time, both named as its query does.

    With ``void`` those that were taken back count too.
    """
    about = Message.objects.filter(
        template=template, about_id=OuterRef(about_id), about_at=OuterRef(about_at)
    )
    return Exists(about if void else about.exclude(state=MessageState.VOID))


def _nudge(message_id: UUID) -> None:
    try:
        current_app.send_task("messaging.tasks.deliver", args=[str(message_id)], retry=False)
    except (OperationalError, RedisError):
        logger.warning("nudge lost; the sweep will find the message", extra={"message_id": str(message_id)})


def deliver(*, message_id: UUID) -> None:
    """Send one message, if nobody else holds it and it is its time."""
    at = timezone.now()
    _put_off(at)
    if Message.objects.lease(message_id, at=at, until=at + LEASE):
        _send(Message.objects.get(pk=message_id))


def _put_off(at: datetime) -> None:
    """Lay what can wait aside until people are awake."""
    if not is_waking(at):
        awake = next_waking(at)
        held = Message.objects.ready(at).filter(template__in=BY_DAY)
        held.update(due_at=awake, leased_until=awake)


def _send(message: Message) -> None:
    """Send a message that we hold.

    The lease and each step commit by themselves, so that another worker knows how far we came: a death
    before SENDING is repeated, one during SENDING is not.
    """
    if message.attempts > MAX_ATTEMPTS:
        _finish(message, MessageState.LEASED, MessageState.FAILED, failure="broken")
        return
    whose = (message.subject_id, message.recipient_id) if message.purpose == RIGHTS else ()
    try:
        with restricted_allowed(whose):
            number = ports.get("address_of").number_of(message.recipient_kind, message.recipient_id)
            text = render(message.template, json.loads(message.parameters))
    except Restricted:
        _finish(message, MessageState.LEASED, MessageState.VOID, failure="restricted")
        return
    except (Erased, Frozen):
        _finish(message, MessageState.LEASED, MessageState.VOID, failure="erased")
        return
    if number is None:
        _finish(message, MessageState.LEASED, MessageState.VOID, failure="no_address")
    elif _begin(message, number):
        _hand_over(message, number, text)


@transaction.atomic
def _begin(message: Message, number: str) -> bool:
    """Step to SENDING, unless what the message tells has changed or its consent was taken back."""
    reason = _unwanted(message)
    if reason:
        _finish(message, MessageState.LEASED, MessageState.VOID, failure=reason)
        return False
    return Message.objects.move(
        message.pk,
        since=MessageState.LEASED,
        to=MessageState.SENDING,
        sent_to_index=blind_index("message.number", number),
    )


def _unwanted(message: Message) -> str:
    """Why the message is not to leave; empty when it is."""
    if message.about_id is not None:
        wait_at_most(LOCK_WAIT)
        port = ports.get("still_wanted")
        if not port.still_wanted(message.template, message.about_id, message.about_at):
            return "outdated"
    if message.purpose != RIGHTS and is_restricted(message.subject_id):
        return "restricted"
    return "" if _may_be_sent(message) else "no_consent"


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


def sweep(*, seconds: float = SWEEP_SECONDS) -> int:
    """Send what no nudge reached or whose sender died; count what may or may not have been sent.

    Goes on for so many seconds at the most, those due the longest first; how many were tried. Two sweeps at
    the same time never try the same message.
    """
    ends = time.monotonic() + seconds
    at = timezone.now()
    _give_up_stranded(at)
    _put_off(at)
    tried = 0
    while message := Message.objects.lease_next(at=at, until=timezone.now() + LEASE):
        tried += 1
        try:
            _send(message)
        except Exception:  # one that cannot be sent must not keep the others back
            logger.exception("message not delivered", extra={"message_id": str(message.pk)})
        if time.monotonic() > ends:
            break
    return tried


def _give_up_stranded(at: datetime) -> None:
    stranded = Message.objects.stranded(at).update(
        state=MessageState.UNKNOWN, finished_at=at, leased_until=None, failure="sender_died"
    )
    if stranded:
        logger.error("messages with unknown fate", extra={"count": stranded})


def void_messages(*, kind: str, ids: Iterable[UUID]) -> int:
    """Take back what has not been sent to these recipients."""
    return Message.objects.filter(recipient_kind=kind, recipient_id__in=list(ids)).void()


def void_offers(*, subject: UUID) -> int:
    """Take back what would offer this person something."""
    theirs = Message.objects.filter(recipient_id=subject, subject_id=subject)
    return theirs.filter(category=Category.MARKETING).void("no_consent")


def void_all(*, subject: UUID) -> int:
    """Take back all that waits to be sent to this person but news of their own requests."""
    return Message.objects.filter(subject_id=subject).exclude(purpose=RIGHTS).void("restricted")


def forget_messages(*, kind: str, ids: Iterable[UUID]) -> int:
    """Delete everything written to these recipients, sent or not."""
    deleted, _ = Message.objects.filter(recipient_kind=kind, recipient_id__in=list(ids)).delete()
    return deleted


def purge_messages(*, kind: str, before: datetime) -> int:
    """Delete what was written to recipients of ``kind`` before a moment."""
    deleted, _ = Message.objects.filter(recipient_kind=kind, created_at__lt=before).delete()
    return deleted


def text_of(message: Message) -> tuple[str, str | None]:
    """The words of a message and the code in it, if it carries one."""
    parameters = json.loads(message.parameters)
    return render(message.template, parameters), parameters.get("code")
