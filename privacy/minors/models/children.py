"""Children, who looks after them, and what was put right."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.public_id import new_public_id
from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    Klass,
    SealedDate,
    SealedManager,
    SealedModel,
    SealedQuerySet,
    SealedText,
    Sensitive,
    plain,
)
from privacy.inventory.names import as_field
from privacy.inventory.telling import as_child, as_guardian, as_month
from privacy.minors.columns import of_record, what_stood
from privacy.minors.typed import NICKNAME_LENGTH


class ChildQuerySet(SealedQuerySet["Child"]):
    def in_care_of(self, guardian_id: UUID) -> ChildQuerySet:
        """The guardian's own, in the order in which they came."""
        return self.filter(guardianships__guardian_id=guardian_id).order_by("created_at", "pk")

    def in_doubt(self, before: datetime) -> ChildQuerySet:
        """Those whose consent nobody has looked for since before ``before``."""
        return self.filter(in_doubt_since__lt=before).order_by("in_doubt_since")


class Child(SealedModel):
    """A child as its guardian speaks of it. ``id`` is its subject id, which never leaves the server."""

    id = of_record(
        models.UUIDField(primary_key=True, default=uuid7, editable=False),
        "child.id",
        _("孩子的编号"),
        "user.unique_id",
        withheld=_("只在服务器里使用的随机编号，从不给出去；孩子用您起的小名来说"),
    )
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False),
        "a random name, which stands where the subject id never does",
    )
    nickname = SealedText(
        "child.nickname",
        "user.childrens.nickname",
        title=_("孩子的小名"),
        max_length=NICKNAME_LENGTH,
        klass=Klass.MINOR,
        why="child",
        keep="child",
        grade=4,
        sensitive=Sensitive.CHILD,
        necessity=_("家里不止一个孩子时，分得清是给谁约的；不要真名"),
    )
    # The first of the month.
    birth_month = SealedDate(
        "child.birth_month",
        "user.childrens.birth_month",
        title=_("孩子的出生年月"),
        klass=Klass.MINOR,
        why="child",
        keep="child",
        grade=4,
        sensitive=Sensitive.CHILD,
        necessity=_("课程分年龄，按上课那天的月龄核对；不要具体生日"),
        told=as_month,
    )
    # The record of the guardian's consent, which stands in `default`: no child without one.
    consent_id = of_record(
        models.UUIDField(unique=True),
        "child.consent",
        _("依哪次同意"),
        withheld=_("同意记录的内部编号；同意记录本身已经另外给您"),
    )
    created_at = of_record(models.DateTimeField(auto_now_add=True), "child.created_at", _("填写时间"))
    # Set while a step that spans databases is under way; a sweep then looks whether the consent stands.
    in_doubt_since = plain(
        models.DateTimeField(null=True, default=timezone.now, editable=False), "a mark for the sweep"
    )

    objects: ClassVar[models.Manager[Child]] = ChildQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("儿童")
        indexes = [
            models.Index(
                fields=["in_doubt_since"],
                name="child_in_doubt",
                condition=models.Q(in_doubt_since__isnull=False),
            )
        ]

    class Privacy:
        subject = "id"
        ward = "id"
        title = _("孩子")

    def __str__(self) -> str:
        return f"child {self.pk}"


class Guardianship(models.Model):
    """Who looks after a child. Every child has somebody: the database refuses one without."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    child = of_record(
        models.ForeignKey(Child, models.CASCADE, related_name="guardianships"),
        "guardianship.child",
        _("孩子"),
        "user.unique_id",
        told=as_child,
    )
    guardian_id = of_record(
        models.UUIDField(), "guardianship.guardian", _("监护人"), "user.unique_id", told=as_guardian
    )
    created_at = of_record(
        models.DateTimeField(auto_now_add=True), "guardianship.created_at", _("从什么时候")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("监护关系")
        constraints = [
            models.UniqueConstraint(fields=["guardian_id", "child"], name="a_guardian_once"),
        ]

    class Privacy:
        subject = "guardian_id"
        ward = "child_id"
        title = _("您照看的孩子")
        app_rights = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return f"guardianship {self.pk}"


class ChildCorrection(SealedModel):
    """What stood in a child's field before its guardian put it right, and since (PIPL 46)."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    child = of_record(
        models.ForeignKey(Child, models.CASCADE, related_name="corrections"),
        "child_correction.child",
        _("孩子"),
        "user.unique_id",
        told=as_child,
    )
    # The declared id of the field, such as child.nickname.
    field = of_record(models.CharField(max_length=40), "child_correction.field", _("哪一项"), told=as_field)
    before = what_stood("before", _("更正前"))
    after = what_stood("after", _("更正后"))
    # Empty once the guardian who said so is gone and the child has another.
    by_id = of_record(
        models.UUIDField(null=True), "child_correction.by", _("由谁"), "user.unique_id", told=as_guardian
    )
    at = of_record(
        models.DateTimeField(default=timezone.now, editable=False), "child_correction.at", _("时间")
    )

    objects: ClassVar[SealedManager[ChildCorrection]] = SealedManager()

    class Meta:
        verbose_name = verbose_name_plural = _("孩子信息的更正")
        ordering = ("at", "pk")

    class Privacy:
        subject = "child_id"
        ward = "child_id"
        app_rights = ("SELECT", "INSERT", "UPDATE (before, after, by_id)", "DELETE")

    def __str__(self) -> str:
        return f"correction of {self.field}"
