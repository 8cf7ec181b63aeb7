"""The record of who did what: written once, changed and removed by nobody."""

from typing import Any

from django.db import models
from django.db.models.functions import Now

from privacy.actors import ACTOR_KINDS
from privacy.inventory.fields import Erase, Grade, personal, plain


class TransactionId(models.Field):  # type: ignore[type-arg]  # read by SQL only: the sealer asks for a horizon
    """PostgreSQL's xid8: by it a reader knows which transactions can still write behind its back."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class AuditEvent(models.Model):
    """One deed. Written through `services.record` within the transaction of the deed itself."""

    seq = plain(models.BigAutoField(primary_key=True))
    tx = plain(
        TransactionId(db_default=models.Func(function="pg_current_xact_id"), editable=False),
    )
    at = plain(models.DateTimeField(db_default=Now(), editable=False))
    actor_kind = plain(models.CharField(max_length=9))
    actor_id = personal(
        models.UUIDField(null=True),
        "audit.actor",
        "user.unique_id",
        title="操作人编号",
        grade=Grade.TWO,
        why="accountability",
        keep="audit",
        erase=Erase.KEEP,
    )
    action = plain(models.CharField(max_length=80))
    subject_id = personal(
        models.UUIDField(null=True),
        "audit.subject",
        "user.unique_id",
        title="所涉个人编号",
        grade=Grade.TWO,
        why="accountability",
        keep="audit",
        erase=Erase.KEEP,
    )
    target = plain(models.CharField(max_length=128, blank=True), "names a row by model and random id")
    detail = plain(
        models.JSONField(default=dict), "numbers, flags and short identifiers; `record` refuses the rest"
    )

    class Meta:
        ordering = ("seq",)
        indexes = [
            models.Index(fields=("subject_id", "seq"), name="audit_by_subject"),
            models.Index(fields=("at",), name="audit_by_time"),
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
        append_only = True

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"
