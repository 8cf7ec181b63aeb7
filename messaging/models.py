"""The outbox: its row is the truth about a message; a queue entry is only a nudge."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from messaging.enums import Category, MessageState
from messaging.telling import as_recipient, as_sent, why_not_sent
from privacy.inventory.fields import (
    Erase,
    Klass,
    SealedModel,
    SealedQuerySet,
    SealedText,
    Sensitive,
    personal,
    plain,
)
from privacy.inventory.names import as_purpose
from privacy.inventory.telling import Telling

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")
_WITHIN = _("只在系统里起作用的编号或标记；短信全文、时间和结果已经给您")


def _of_sending(
    field: AnyField,
    name: str,
    label: str | Promise = "",
    *,
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    """What was sent to whom and when, without its words: one line for people, whatever the column."""
    return personal(
        field,
        f"message.{name}",
        "system.operations",
        title=_("短信的发送情况（种类、为了什么、发给哪个账号、时间、结果）"),
        label=label,
        told=told,
        export=not withheld,
        withheld=withheld,
        grade=2,
        why="messages",
        keep="messages",
    )


class MessageQuerySet(SealedQuerySet["Message"]):
    def ready(self, at: datetime) -> MessageQuerySet:
        """Messages nobody holds: queued and due, or leased by someone who died."""
        return self.filter(
            Q(state=MessageState.QUEUED) | Q(state=MessageState.LEASED, leased_until__lt=at), due_at__lte=at
        )

    def stranded(self, at: datetime) -> MessageQuerySet:
        """Messages whose sender died between the vendor's answer and our note of it."""
        return self.filter(state=MessageState.SENDING, leased_until__lt=at)

    def lease(self, pk: UUID, *, at: datetime, until: datetime) -> bool:
        """Take a message for oneself. True for exactly one of any number of callers."""
        held = self.ready(at).filter(pk=pk)
        return held.update(state=MessageState.LEASED, leased_until=until, attempts=F("attempts") + 1) == 1

    def lease_next(self, *, at: datetime, until: datetime) -> Message | None:
        """Take the message that has been due the longest; any number of callers get different ones."""
        with transaction.atomic():
            free = self.ready(at).select_for_update(skip_locked=True).order_by("due_at")
            message = free.first()
            if message is not None:
                message.state, message.leased_until = MessageState.LEASED, until
                message.attempts += 1
                message.save(update_fields=["state", "leased_until", "attempts"])
        return message

    def waiting(self) -> MessageQuerySet:
        """Messages that have not been handed to anybody."""
        return self.filter(state__in=[MessageState.QUEUED, MessageState.LEASED])

    def void(self, failure: str = "") -> int:
        """Take back those that wait; how many."""
        return self.waiting().update(
            state=MessageState.VOID, finished_at=timezone.now(), leased_until=None, failure=failure
        )

    def move(self, pk: UUID, *, since: MessageState, to: MessageState, **changes: object) -> bool:
        """Step a message on, if it still stands where we left it."""
        return self.filter(pk=pk, state=since).update(state=to, **changes) == 1


class Message(SealedModel):
    """One message to one recipient. Written in the transaction of what it tells about."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    template = _of_sending(
        models.CharField(_("模板"), max_length=40),
        "template",
        withheld=_("范文在系统里的名字；短信全文已经给您"),
    )
    category = _of_sending(models.CharField(_("类别"), max_length=10, choices=Category.labelled), "category")
    purpose = _of_sending(models.CharField(_("目的"), max_length=40), "purpose", told=as_purpose)
    # Kind and id name the row that knows the number; the subject is whose key seals this one.
    recipient_kind = _of_sending(
        models.CharField(max_length=20), "recipient_kind", _("号码从哪里读"), withheld=_WITHIN
    )
    recipient_id = _of_sending(models.UUIDField(), "recipient_id", _("号码从哪一条读"), withheld=_WITHIN)
    subject_id = _of_sending(models.UUIDField(), "subject_id", _("发给谁"), told=as_recipient)
    parameters = SealedText(
        "message.parameters",
        "user.content.private",
        title=_("短信内容"),
        klass=Klass.MESSAGE,
        why="messages",
        keep="messages",
        sensitive=Sensitive.COMMUNICATION,
        grade=3,
        told=as_sent,
    )
    # What it tells about, where that may have changed by the time it is sent, and the time it gave then.
    about_id = _of_sending(models.UUIDField(null=True), "about", _("说的是哪一条"), withheld=_WITHIN)
    about_at = _of_sending(models.DateTimeField(null=True), "about_at", _("说的是什么时间的事"))
    # One message a matter: a digest of its kind, of what it is about and of when.
    matter = plain(
        models.CharField(max_length=64, null=True, unique=True, editable=False),
        "a digest of random names and a time",
    )
    sent_to_index = personal(
        models.CharField(max_length=32, null=True, editable=False),
        "message.sent_to_index",
        "user.contact.phone_number",
        title=_("接收号码的摘要"),
        sensitive=Sensitive.NUMBER,
        grade=3,
        why="messages",
        keep="messages",
        erase=Erase.NULL,
        export=False,
        withheld=_("由号码算出的密钥摘要，只用来查找；号码本身已经给您"),
        unsealed_because="a keyed digest; the number itself is read when sending and not kept here",
    )
    state = _of_sending(
        models.CharField(
            _("状态"), max_length=10, choices=MessageState.labelled, default=MessageState.QUEUED
        ),
        "state",
    )
    attempts = _of_sending(models.PositiveSmallIntegerField(_("次数"), default=0), "attempts")
    due_at = _of_sending(models.DateTimeField(_("应发时间")), "due_at")
    leased_until = _of_sending(
        models.DateTimeField(null=True), "leased_until", _("发送程序占用到"), withheld=_WITHIN
    )
    created_at = _of_sending(models.DateTimeField(_("写入时间"), auto_now_add=True), "created_at")
    finished_at = _of_sending(models.DateTimeField(_("完成时间"), null=True), "finished_at")
    gateway = _of_sending(models.CharField(_("短信商"), max_length=20, blank=True), "gateway")
    failure = _of_sending(
        models.CharField(_("失败原因"), max_length=40, blank=True), "failure", told=why_not_sent
    )

    objects: ClassVar[models.Manager[Message]] = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("短信")
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["queued", "leased", "sending"]),
                name="message_pending",
            ),
            models.Index(fields=["sent_to_index", "-finished_at"], name="message_number"),
            models.Index(fields=["recipient_id"], name="message_recipient"),
            models.Index(fields=["subject_id"], name="message_subject"),
            models.Index(
                fields=["about_id", "template"], name="message_about", condition=Q(about_id__isnull=False)
            ),
            models.Index(fields=["recipient_kind", "created_at"], name="message_age"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="message_category_known"),
            models.CheckConstraint(
                condition=Q(state__in=["leased", "sending"], leased_until__isnull=False)
                | ~Q(state__in=["leased", "sending"]),
                name="held_with_lease",
            ),
        ]

    class Privacy:
        subject = "subject_id"

    def __str__(self) -> str:
        return f"message {self.pk} {self.state}"
