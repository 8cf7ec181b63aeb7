"""Requests, the rights each holds, and every step they took."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.public_id import new_public_id
from kit.uuid7 import uuid7
from privacy.actors import ACTOR_KINDS
from privacy.inventory.fields import (
    Klass,
    SealedModel,
    SealedPhone,
    SealedText,
    Sensitive,
    personal,
    plain,
)
from privacy.inventory.telling import as_actor, as_child, as_doer, as_named, as_person, as_staff
from privacy.rights.enums import (
    CLOSED,
    OPEN,
    Clock,
    Entrance,
    Identity,
    OnBehalf,
    Outcome,
    RequestKind,
    RequestState,
)
from privacy.rights.models.declared import of_request
from privacy.rights.models.names import new_reference
from privacy.rights.models.owed import DataSubjectRequestQuerySet
from privacy.rights.models.telling import as_happening, as_note

WORDS = 2000  # characters of what somebody writes to us
WRITTEN = _("请求里写的话和留的号码（您写的，我们问的和答复的，更正前后的内容和依据）")


class DataSubjectRequest(SealedModel):
    """Something a person asks of us about their data, or tells us (PIPL 50).

    What was written is sealed under a key of the request's own: it outlives the account for as long as we
    have to prove what we did, and goes with the request. Whoever is not known has a ``subject_id`` made for
    this request alone; it becomes the account's once the number is proved.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False), "a random name"
    )
    reference = of_request(
        models.CharField(_("编号"), max_length=9, unique=True, default=new_reference, editable=False),
        "reference",
    )
    # Of a request that came in by the open door: its receipt number opens the page that follows it.
    receipt_hash = personal(
        models.CharField(max_length=64, unique=True, null=True, editable=False),
        "request.receipt_hash",
        "user.authorization.credentials",
        title=_("回执号的摘要"),
        grade=3,
        why="rights",
        keep="request",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("回执号的摘要，凭回执号可以看到办理进展；给出来等于多一把钥匙"),
        unsealed_because="a digest of near a hundred random bits, by which a request is found",
    )
    subject_id = of_request(models.UUIDField(_("谁")), "subject", "user.unique_id", told=as_person)
    known = of_request(models.BooleanField(_("认得出账号"), default=False), "known")
    # A child's subject id; the child stands in another database.
    concerning_id = of_request(
        models.UUIDField(_("哪个孩子"), null=True), "concerning", "user.unique_id", told=as_child
    )
    on_behalf = of_request(
        models.CharField(_("为谁"), max_length=8, choices=OnBehalf.labelled, default=OnBehalf.SELF),
        "on_behalf",
    )
    kind = of_request(models.CharField(_("请求"), max_length=13, choices=RequestKind.labelled), "kind")
    entrance = of_request(models.CharField(_("来自"), max_length=7, choices=Entrance.labelled), "entrance")
    identity = of_request(
        models.CharField(_("身份"), max_length=13, choices=Identity.labelled, default=Identity.UNKNOWN),
        "identity",
    )
    state = of_request(
        models.CharField(
            _("进展"), max_length=16, choices=RequestState.labelled, default=RequestState.RECEIVED
        ),
        "state",
    )
    words = SealedText(
        "request.words",
        "user.content",
        title=WRITTEN,
        label=_("您写给我们的话"),
        max_length=WORDS,
        klass=Klass.RIGHTS,
        subject="id",
        why="rights",
        keep="request",
        grade=3,
        sensitive=Sensitive.FREE_TEXT,
        null=True,
    )
    # Where somebody who is not known wants the answer.
    phone = SealedPhone(
        "request.phone",
        "user.contact.phone_number",
        title=WRITTEN,
        label=_("留的联系号码"),
        klass=Klass.RIGHTS,
        subject="id",
        why="rights",
        keep="request",
        grade=3,
        sensitive=Sensitive.NUMBER,
        null=True,
    )
    clock = of_request(models.CharField(_("时限"), max_length=8, choices=Clock.labelled), "clock")
    received_at = of_request(models.DateTimeField(_("收到"), default=timezone.now), "received_at")
    due_at = of_request(models.DateTimeField(_("最迟答复")), "due_at")
    # Which year's holidays were known when the day was reckoned: it is reckoned anew when more are.
    calendar_until = plain(models.PositiveSmallIntegerField(), "the last year of the calendar in use")
    warned = plain(
        models.PositiveSmallIntegerField(null=True), "how many days were left when staff were last warned"
    )
    at_once = of_request(models.BooleanField(_("要马上看"), default=False), "at_once")
    remains_until = of_request(models.DateField(_("余下的最迟办到"), null=True), "remains_until")
    closed_at = of_request(models.DateTimeField(_("办结"), null=True), "closed_at")
    handled_by = of_request(
        models.UUIDField(_("经办"), null=True), "handled_by", "user.unique_id", told=as_staff
    )
    # Which colleague has it open just now, and since when they last moved.
    looked_at_by = of_request(
        models.UUIDField(null=True), "looked_at_by", "user.unique_id", label=_("谁正在看"), told=as_staff
    )
    looked_at = of_request(models.DateTimeField(null=True), "looked_at", label=_("最近翻看"))
    repeats = of_request(models.PositiveSmallIntegerField(_("一年内第几次"), default=1), "repeats")
    idempotency_key = plain(
        models.CharField(max_length=64, null=True, unique=True, editable=False),
        "a keyed hash of what the caller named it",
    )

    objects: ClassVar[models.Manager[DataSubjectRequest]] = DataSubjectRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("个人信息请求")
        permissions = [("approve_plan", _("批准列出的要做的事"))]
        indexes = [
            models.Index(fields=("subject_id", "-received_at"), name="request_of_subject"),
            models.Index(F("due_at"), name="request_open_by_due", condition=Q(state__in=OPEN)),
            models.Index(F("received_at"), name="request_received"),
        ]
        constraints = [
            models.CheckConstraint(name="request_kind_known", condition=Q(kind__in=RequestKind.values)),
            models.CheckConstraint(name="request_state_known", condition=Q(state__in=RequestState.values)),
            models.CheckConstraint(name="request_entrance_known", condition=Q(entrance__in=Entrance.values)),
            models.CheckConstraint(name="request_identity_known", condition=Q(identity__in=Identity.values)),
            models.CheckConstraint(name="request_clock_known", condition=Q(clock__in=Clock.values)),
            models.CheckConstraint(
                name="request_on_behalf_known", condition=Q(on_behalf__in=OnBehalf.values)
            ),
            models.CheckConstraint(
                name="request_closed_when_over",
                condition=Q(state__in=CLOSED, closed_at__isnull=False) | Q(state__in=OPEN, closed_at=None),
            ),
            models.CheckConstraint(
                name="request_for_a_ward_names_it",
                condition=Q(on_behalf="ward") | ~Q(on_behalf="ward") & Q(concerning_id=None),
            ),
            models.CheckConstraint(
                name="request_known_is_proved", condition=Q(known=False) | ~Q(identity=Identity.UNKNOWN)
            ),
        ]

    class Privacy:
        subject = "subject_id"
        ward = "concerning_id"
        app_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return self.reference

    @property
    def is_owed(self) -> bool:
        """Whether somebody waits for it, or for a rest that was promised."""
        rest = self.state == RequestState.PARTLY_FULFILLED and self.remains_until is not None
        return rest or self.state in OPEN

    @property
    def last_day(self) -> date:
        """The last day in time (Asia/Shanghai): where a rest was promised, the day of the rest."""
        return self.remains_until or timezone.localdate(self.due_at)


class RequestedRight(models.Model):
    """One right of a request, with an outcome of its own."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.CASCADE, related_name="rights"),
        "right_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    kind = of_request(
        models.CharField(max_length=13, choices=RequestKind.labelled), "right", label=_("要什么")
    )
    outcome = of_request(
        models.CharField(max_length=7, choices=Outcome.labelled, default=Outcome.PENDING),
        "outcome",
        label=_("结果"),
    )
    settled_at = of_request(models.DateTimeField(null=True), "settled_at", label=_("何时有结果"))

    class Meta:
        verbose_name = verbose_name_plural = _("请求的权利")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("request", "kind"), name="a_right_once"),
            models.CheckConstraint(name="right_kind_known", condition=Q(kind__in=RequestKind.values)),
            models.CheckConstraint(name="right_outcome_known", condition=Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="right_settled_when_decided",
                condition=Q(outcome=Outcome.PENDING, settled_at=None)
                | ~Q(outcome=Outcome.PENDING) & Q(settled_at__isnull=False),
            ),
        ]

    class Privacy:
        subject = "request.subject_id"
        title = _("请求里的每一项")

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"


class RequestEvent(models.Model):
    """One thing that happened to a request: a step, an answer, a warning, a reply. Never changed."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.CASCADE, related_name="events"),
        "event_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    at = of_request(models.DateTimeField(default=timezone.now), "event_at", label=_("时间"))
    # A state where it is a step; otherwise what happened, such as answered, warned, replied, taken.
    what = of_request(models.CharField(max_length=20), "event", label=_("发生了什么"), told=as_happening)
    note = of_request(
        models.CharField(max_length=40, blank=True, default=""), "event_note", label=_("备注"), told=as_note
    )
    actor_kind = of_request(
        models.CharField(max_length=9), "event_actor_kind", label=_("哪一类人"), told=as_actor
    )
    actor_id = of_request(
        models.UUIDField(null=True), "event_actor", "user.unique_id", label=_("由谁"), told=as_doer
    )

    class Meta:
        verbose_name = verbose_name_plural = _("请求的经过")
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(name="request_event_actor_known", condition=Q(actor_kind__in=ACTOR_KINDS)),
        ]

    class Privacy:
        subject = "request.subject_id"
        app_rights = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return self.what
