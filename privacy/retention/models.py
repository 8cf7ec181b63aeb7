"""Legal holds, and the purges that ran."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.public_id import new_public_id
from kit.uuid7 import uuid7
from privacy.inventory.fields import Erase, personal, plain
from privacy.inventory.telling import Telling, as_person, as_staff
from privacy.retention.enums import RunState

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def _of_hold(
    field: AnyField,
    name: str,
    label: str | Promise,
    category: str = "system.operations",
    *,
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    return personal(
        field,
        f"hold.{name}",
        category,
        title=_("机关依法要求保存的记录（哪个机关、哪份文书、保存什么、何时复核）"),
        label=label,
        told=told,
        export=not withheld,
        withheld=withheld,
        grade=2,
        why="rights",
        keep="request",
        erase=Erase.KEEP,
    )


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> LegalHoldQuerySet:
        return self.filter(released_at=None)

    def of(self, subject_id: UUID) -> LegalHoldQuerySet:
        return self.filter(subject_id=subject_id)

    def to_review(self, on: date) -> LegalHoldQuerySet:
        """Standing, and due to be looked at again: nothing extends one by itself, and nothing ends one."""
        return self.standing().filter(review_on__lte=on)


class LegalHold(models.Model):
    """That an authority wants certain records of a person kept (X2 5.5.1).

    Over the statutory floor, over our ceiling, over the person's own wish. It ends when somebody releases it;
    its review date asks whether it still has to stand.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    public_id = plain(
        models.CharField(max_length=22, unique=True, default=new_public_id, editable=False), "a random name"
    )
    subject_id = _of_hold(models.UUIDField(), "subject", _("谁"), "user.unique_id", told=as_person)
    authority = _of_hold(models.CharField(_("机关"), max_length=80), "authority", _("哪个机关"))
    document = _of_hold(models.CharField(_("文书号"), max_length=80), "document", _("哪份文书"))
    # Whether the person may hear of it; an investigation may forbid that.
    may_tell = plain(models.BooleanField(_("可以告诉本人"), default=True))
    placed_at = _of_hold(models.DateTimeField(default=timezone.now), "placed_at", _("何时起"))
    placed_by = _of_hold(models.UUIDField(), "placed_by", _("由谁登记"), "user.unique_id", told=as_staff)
    review_on = _of_hold(models.DateField(_("复核日期")), "review_on", _("何时复核"))
    released_at = _of_hold(models.DateTimeField(null=True), "released_at", _("何时解除"))
    released_by = _of_hold(
        models.UUIDField(null=True), "released_by", _("由谁解除"), "user.unique_id", told=as_staff
    )

    objects: ClassVar[models.Manager[LegalHold]] = LegalHoldQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("依法保存")
        ordering = ("review_on", "pk")
        indexes = [
            models.Index(fields=("subject_id",), name="hold_of_subject", condition=Q(released_at=None)),
            models.Index(fields=("review_on",), name="hold_to_review", condition=Q(released_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="hold_names_its_authority", condition=~Q(authority="") & ~Q(document="")
            ),
            models.CheckConstraint(
                name="hold_released_by_somebody",
                condition=Q(released_at=None, released_by=None)
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
        ]
        permissions = [("place_hold", _("登记和解除依法保存"))]

    class Privacy:
        subject = "subject_id"
        untold: ClassVar[dict[str, object]] = {"may_tell": False}
        app_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return f"hold {self.pk}"


class HeldRecord(models.Model):
    """What a hold keeps: one row, or all rows of a table that are the person's."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    hold = _of_hold(
        models.ForeignKey(LegalHold, models.CASCADE, related_name="records"),
        "record_of",
        _("哪一次保存"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    # As the framework names it, in small letters: enrollment.trialbooking.
    model = plain(models.CharField(max_length=60), "the name of a table")
    row_id = _of_hold(
        models.UUIDField(null=True),
        "row",
        _("哪一条"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("保存的记录")
        constraints = [
            models.UniqueConstraint(
                fields=("hold", "model", "row_id"), name="held_once", nulls_distinct=False
            )
        ]

    class Privacy:
        subject = "hold.subject_id"
        untold: ClassVar[dict[str, object]] = {"hold__may_tell": False}
        app_rights = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return self.model


class PurgeRun(models.Model):
    """One run of one rule, real or dry: how many rows, how long, which report it was held to."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    rule = plain(models.CharField(max_length=60), "the name of a rule")
    dry = plain(models.BooleanField(default=False))
    state = plain(models.CharField(max_length=7, choices=RunState.labelled, default=RunState.RUNNING))
    before = plain(models.DateTimeField(), "what began by then is due")
    due = plain(models.PositiveIntegerField(default=0), "how many rows were due at its beginning")
    of_all = plain(models.PositiveIntegerField(default=0), "how many rows there were")
    rows = plain(models.PositiveIntegerField(default=0), "how many went")
    held = plain(models.PositiveIntegerField(default=0), "how many are due and held by an authority")
    batches = plain(models.PositiveIntegerField(default=0))
    # Random ids of up to twenty rows that would go, and a digest over rule, moment and count.
    sample = plain(models.JSONField(default=list), "random ids of rows, and nobody's values")
    digest = plain(models.CharField(max_length=64, blank=True, default=""))
    failure = plain(models.CharField(max_length=120, blank=True, default=""), "a class of error, no values")
    begun_at = plain(models.DateTimeField(default=timezone.now))
    beat_at = plain(models.DateTimeField(default=timezone.now))
    ended_at = plain(models.DateTimeField(null=True))

    class Meta:
        verbose_name = verbose_name_plural = _("清理记录")
        ordering = ("-begun_at",)
        indexes = [models.Index(fields=("rule", "-begun_at"), name="purge_of_rule")]
        constraints = [
            models.CheckConstraint(name="purge_state_known", condition=Q(state__in=RunState.values))
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return f"{self.rule} {self.state}"
