"""Erasures: who goes, the steps of it, what has to be left and until when, who is told."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.erasure.enums import JobState, Reason, Scope, StepState, Why
from privacy.erasure.models.declared import of_erasure
from privacy.inventory.fields import Klass, SealedModel, SealedQuerySet, SealedText, Sensitive, plain
from privacy.inventory.telling import as_person, as_staff
from privacy.rights.models import DataSubjectRequest

LEASE_SECONDS = 60  # a worker that has not been heard of for so long is taken for dead


class ErasureJobQuerySet(SealedQuerySet["ErasureJob"]):
    def unfinished(self) -> ErasureJobQuerySet:
        """Those a worker still has something to do for."""
        return self.filter(state__in=(JobState.QUEUED, JobState.RUNNING))

    def free(self, at: datetime) -> ErasureJobQuerySet:
        """Unfinished, and no living worker at it."""
        return self.unfinished().filter(Q(leased_until=None) | Q(leased_until__lt=at))

    def of(self, subject_id: UUID) -> ErasureJobQuerySet:
        """The person's; after the end nobody's, for by then no id leads to them."""
        return self.filter(subject_id=subject_id)


class ErasureJob(SealedModel):
    """One erasure. ``subject_id`` is the person's until everything else of them is gone, then the alias.

    The alias is a fresh random id. What the law keeps is put under it, so that rows of one person stay
    together and lead to nobody.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_erasure(
        models.ForeignKey(DataSubjectRequest, models.PROTECT, null=True, related_name="erasures"),
        "request",
        _("哪件请求"),
        "user.unique_id",
        withheld=_("请求本身已经另外给您"),
    )
    scope = of_erasure(models.CharField(max_length=6, choices=Scope.labelled), "scope", _("删谁的"))
    reason = of_erasure(models.CharField(max_length=16, choices=Reason.labelled), "reason", _("为什么"))
    subject_id = of_erasure(models.UUIDField(), "subject", _("谁"), "user.unique_id", told=as_person)
    state = of_erasure(
        models.CharField(max_length=7, choices=JobState.labelled, default=JobState.QUEUED),
        "state",
        _("进展"),
    )
    # What was approved: the digest of the plan, and its lines in the words people read.
    digest = of_erasure(models.CharField(max_length=64, default="", blank=True), "digest", _("计划的摘要"))
    plan = plain(models.JSONField(default=list), "titles of kinds of data, counts and deeds; nobody's values")
    begun_by = of_erasure(
        models.UUIDField(null=True), "begun_by", _("由谁批准"), "user.unique_id", told=as_staff
    )
    # The numbers by which stores that are no tables know the person; its key goes with the last step.
    numbers = SealedText(
        "erasure.numbers",
        "user.contact.phone_number",
        title=_("删除期间用来清理号码痕迹的号码，删完即销毁"),
        klass=Klass.RIGHTS,
        subject="id",
        why="rights",
        keep="request",
        grade=3,
        sensitive=Sensitive.NUMBER,
        null=True,
    )
    begun_at = of_erasure(models.DateTimeField(default=timezone.now), "begun_at", _("何时开始"))
    # From then on nobody can read any of it, whatever copy they have of the databases alone.
    unreadable_at = of_erasure(models.DateTimeField(null=True), "unreadable_at", _("何时起读不出来"))
    # By then also the last backup of the wrapped keys is worthless: promised first, then reached.
    final_by = of_erasure(models.DateTimeField(null=True), "final_by", _("最迟何时备份里也没有"))
    final_at = of_erasure(models.DateTimeField(null=True), "final_at", _("何时备份里也没有了"))
    finished_at = of_erasure(models.DateTimeField(null=True), "finished_at", _("何时做完"))
    remains_until = of_erasure(models.DateField(null=True), "remains_until", _("余下的留到何时"))
    leased_until = plain(models.DateTimeField(null=True), "which worker is at it, and until when")
    beat_at = plain(models.DateTimeField(null=True), "when its worker was last heard of")

    objects: ClassVar[models.Manager[ErasureJob]] = ErasureJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("删除")
        ordering = ("-begun_at", "-pk")
        indexes = [
            models.Index(fields=("subject_id",), name="erasure_of_subject"),
            models.Index(
                fields=("leased_until",),
                name="erasure_unfinished",
                condition=Q(state__in=("queued", "running")),
            ),
            models.Index(fields=("remains_until",), name="erasure_waiting", condition=Q(state="waiting")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=("subject_id", "scope"),
                name="one_erasure_at_a_time",
                condition=Q(state__in=("queued", "running")),
            ),
            models.CheckConstraint(name="erasure_state_known", condition=Q(state__in=JobState.values)),
            models.CheckConstraint(name="erasure_scope_known", condition=Q(scope__in=Scope.values)),
            models.CheckConstraint(name="erasure_reason_known", condition=Q(reason__in=Reason.values)),
            models.CheckConstraint(
                name="erasure_done_is_unreadable",
                condition=~Q(state="done") | Q(unreadable_at__isnull=False, finished_at__isnull=False),
            ),
        ]
        permissions = [("approve_erasure", _("批准删除")), ("read_remainder", _("为法定目的查阅余留记录"))]

    class Privacy:
        subject = "subject_id"
        title = _("删除的记录")

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class ErasureSubject(models.Model):
    """One person or child of an erasure, and the alias under which their remainders stand."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job = of_erasure(
        models.ForeignKey(ErasureJob, models.CASCADE, related_name="subjects"),
        "subject_of",
        _("哪次删除"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    kind = of_erasure(
        models.CharField(max_length=8, choices=[("guardian", "guardian"), ("child", "child")]),
        "subject_kind",
        _("大人还是孩子"),
    )
    # Emptied once everything is unlinked.
    subject_id = of_erasure(
        models.UUIDField(null=True), "subject_id", _("谁"), "user.unique_id", told=as_person
    )
    alias = of_erasure(
        models.UUIDField(default=uuid7), "alias", _("余留记录的代号"), "user.unique_id", told=as_person
    )
    entry = plain(models.BigIntegerField(null=True), "the number of its burial in the ledger")

    class Meta:
        verbose_name = verbose_name_plural = _("删除的对象")
        constraints = [models.UniqueConstraint(fields=("job", "subject_id"), name="erased_once_a_job")]

    class Privacy:
        subject = "job.subject_id"

    def __str__(self) -> str:
        return f"{self.kind} of {self.job_id}"


class ErasureStep(models.Model):
    """One step of an erasure as its coordinator knows it; each database has its own mark of what it did."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job = of_erasure(
        models.ForeignKey(ErasureJob, models.CASCADE, related_name="steps"),
        "step_of",
        _("哪次删除"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    name = of_erasure(models.CharField(max_length=40), "step", _("步骤"))
    position = plain(models.PositiveSmallIntegerField(), "their order")
    state = of_erasure(
        models.CharField(max_length=7, choices=StepState.labelled, default=StepState.PENDING),
        "step_state",
        _("做了没有"),
    )
    rows = of_erasure(models.PositiveIntegerField(default=0), "step_rows", _("多少"))
    attempts = plain(models.PositiveSmallIntegerField(default=0), "how often it was tried")
    done_at = of_erasure(models.DateTimeField(null=True), "step_done_at", _("何时"))
    failure = plain(models.CharField(max_length=60, blank=True, default=""), "a class of error, no values")

    class Meta:
        verbose_name = verbose_name_plural = _("删除的步骤")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("job", "name"), name="an_erasure_step_once"),
            models.CheckConstraint(name="erasure_step_known", condition=Q(state__in=StepState.values)),
        ]

    class Privacy:
        subject = "job.subject_id"

    def __str__(self) -> str:
        return f"{self.name} {self.state}"


class ErasureRest(models.Model):
    """What an erasure leaves for now: one kind of data, how much, by which law or hold, until when."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job = of_erasure(
        models.ForeignKey(ErasureJob, models.CASCADE, related_name="rests"),
        "rest_of",
        _("哪次删除"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    model = plain(models.CharField(max_length=60), "the name of a table")
    title = of_erasure(models.CharField(max_length=60), "rest_title", _("留下什么"))
    count = of_erasure(models.PositiveIntegerField(), "rest_count", _("多少"))
    why = of_erasure(models.CharField(max_length=4, choices=Why.labelled), "rest_why", _("为什么留"))
    source = of_erasure(models.CharField(max_length=200), "rest_source", _("依据"))
    until = of_erasure(models.DateField(null=True), "rest_until", _("留到"))

    class Meta:
        verbose_name = verbose_name_plural = _("余留")
        ordering = ("pk",)
        constraints = [models.CheckConstraint(name="rest_why_known", condition=Q(why__in=Why.values))]

    class Privacy:
        subject = "job.subject_id"

    def __str__(self) -> str:
        return f"{self.model} {self.count}"


class RecipientNotice(models.Model):
    """A recipient who has to delete too, and when they were told (PIPL 21, 47; GB/T 35273 8.3)."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job = of_erasure(
        models.ForeignKey(ErasureJob, models.CASCADE, related_name="recipients"),
        "recipient_of",
        _("哪次删除"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    recipient = plain(models.CharField(max_length=40), "a registered recipient")
    title = of_erasure(models.CharField(max_length=60), "recipient", _("通知谁"))
    told_at = of_erasure(models.DateTimeField(null=True), "recipient_told_at", _("何时通知"))
    told_by = of_erasure(
        models.UUIDField(null=True), "recipient_told_by", _("由谁"), "user.unique_id", told=as_staff
    )

    class Meta:
        verbose_name = verbose_name_plural = _("接收方通知")
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("job", "recipient"), name="a_recipient_told_once")]

    class Privacy:
        subject = "job.subject_id"

    def __str__(self) -> str:
        return self.recipient
