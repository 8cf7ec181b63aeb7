"""What became of a class after families had booked it, and the nightly proof that the ledger is sound."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import Teacher
from enrollment.enums import ChangeReason
from enrollment.models.classes import ClassSession
from kit.uuid7 import uuid7
from privacy.inventory.fields import personal, plain
from privacy.inventory.telling import as_staff


class ClassChange(models.Model):
    """One change of a class that families had booked: what it was, what it is, and why."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    session = plain(
        models.ForeignKey(ClassSession, models.PROTECT, related_name="changes", verbose_name=_("课次"))
    )
    at = plain(models.DateTimeField(_("时间"), auto_now_add=True))
    by = personal(
        models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("操作人")),
        "class_change.by",
        "user.unique_id",
        title=_("哪位员工改了课次"),
        grade=2,
        why="staff_access",
        keep="staff",
        told=as_staff,
    )
    reason = plain(models.CharField(_("原因"), max_length=10, choices=ChangeReason.labelled))
    # Names of what changed (starts_at, ends_at, room, teacher, campus, state) to the value as text: ISO 8601
    # for times, ids for the rest.
    old = plain(models.JSONField(_("改前")))
    new = plain(models.JSONField(_("改后")))

    objects: ClassVar[models.Manager[ClassChange]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = _("课次变动")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=ChangeReason.values), name="change_reason_known")
        ]

    class Privacy:
        subject = "by_id"
        append_only = True

    def __str__(self) -> str:
        return f"{self.session_id} {self.at:%F %T}"


class TeacherFeed(models.Model):
    """A teacher's classes as a calendar to subscribe to, under an address nobody can guess."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    teacher = plain(
        models.OneToOneField(Teacher, models.CASCADE, related_name="feed", verbose_name=_("老师")),
        "a teacher's own random id; who that is stands with the teacher",
    )
    token_hash = plain(
        models.CharField(max_length=64, unique=True, editable=False),
        "a digest of 192 random bits, by which the feed is found",
    )
    created_at = plain(models.DateTimeField(_("生成时间"), auto_now_add=True))

    class Meta:
        verbose_name = verbose_name_plural = _("老师的日历")

    def __str__(self) -> str:
        return f"feed {self.pk}"


class LedgerProof(models.Model):
    """One run of `prove_invariants`: every law of the ledger, and how many rows break it."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    started_at = plain(models.DateTimeField(_("开始")))
    finished_at = plain(models.DateTimeField(_("完成")))
    holds = plain(models.BooleanField(_("全部成立")))
    # The name of each law to the number of rows that break it.
    findings = plain(models.JSONField(_("结果")))

    objects: ClassVar[models.Manager[LedgerProof]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = _("座位账核对")
        ordering = ["-started_at"]

    class Privacy:
        append_only = True

    def __str__(self) -> str:
        return f"{self.started_at:%F %T} {'ok' if self.holds else 'broken'}"
