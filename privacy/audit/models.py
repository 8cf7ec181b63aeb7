"""The record of who did what: written once, changed and removed by nobody."""

from typing import Any, TypeVar

from django.db import models
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.actors import ACTOR_KINDS
from privacy.audit.deeds import as_deed
from privacy.inventory.fields import Erase, Grade, personal, plain
from privacy.inventory.telling import Telling, as_actor, as_doer, as_person


class TransactionId(models.Field):  # type: ignore[type-arg]  # read by SQL only: the sealer asks for a horizon
    """PostgreSQL's xid8: by it a reader knows which transactions can still write behind its back."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def _of_deed(
    field: AnyField,
    name: str,
    label: str | Promise,
    category: str = "system.operations",
    *,
    told: Telling | None = None,
    withheld: str | Promise = "",
) -> AnyField:
    """Who did what to which row: one line for people, whatever the column."""
    return personal(
        field,
        f"audit.{name}",
        category,
        title=_("操作记录（谁、何时、对谁的哪一条做了什么，只有随机编号，没有号码）"),
        label=label,
        told=told,
        export=not withheld,
        withheld=withheld,
        grade=Grade.TWO,
        why="accountability",
        keep="audit",
        erase=Erase.KEEP,
    )


class AuditEvent(models.Model):
    """One deed. Written through `services.record` within the transaction of the deed itself."""

    seq = plain(models.BigAutoField(primary_key=True))
    tx = plain(
        TransactionId(db_default=models.Func(function="pg_current_xact_id"), editable=False),
    )
    at = _of_deed(models.DateTimeField(db_default=Now(), editable=False), "at", _("时间"))
    actor_kind = _of_deed(models.CharField(max_length=9), "actor_kind", _("哪一类人"), told=as_actor)
    actor_id = _of_deed(models.UUIDField(null=True), "actor", _("由谁"), "user.unique_id", told=as_doer)
    action = _of_deed(models.CharField(max_length=80), "action", _("做了什么"), told=as_deed)
    subject_id = _of_deed(
        models.UUIDField(null=True), "subject", _("关于谁"), "user.unique_id", told=as_person
    )
    # Names a row by model and random id.
    target = _of_deed(
        models.CharField(max_length=128, blank=True),
        "target",
        _("哪一条"),
        withheld=_("记录在系统里的编号，只用来核对；它说的那一条已经另外给您"),
    )
    # Numbers, flags and short identifiers; `record` refuses the rest.
    detail = _of_deed(
        models.JSONField(default=dict),
        "detail",
        _("备注"),
        withheld=_("核对用的计数和编号，其中可能有别人的编号；做了什么、何时、由谁已经给您"),
    )

    class Meta:
        verbose_name = verbose_name_plural = _("审计事件")
        ordering = ("seq",)
        indexes = [
            models.Index(fields=("subject_id", "seq"), name="audit_by_subject"),
            models.Index(fields=("at",), name="audit_by_time"),
            # By these an erasure finds whose they were.
            models.Index(
                fields=("actor_id",), name="audit_by_actor", condition=models.Q(actor_id__isnull=False)
            ),
            models.Index(
                fields=("target",),
                name="audit_about_somebody",
                condition=models.Q(target__startswith="accounts.user/")
                | models.Q(target__startswith="minors.child/"),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="audit_actor_known", condition=models.Q(actor_kind__in=ACTOR_KINDS)),
            models.CheckConstraint(
                name="audit_actor_named",
                condition=models.Q(actor_kind__in=("guardian", "staff"), actor_id__isnull=False)
                | models.Q(actor_kind__in=("system", "anonymous"), actor_id=None),
            ),
        ]

    class Privacy:
        subject = "subject_id"
        ward = "subject_id"
        title = _("操作记录")
        append_only = True

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"
