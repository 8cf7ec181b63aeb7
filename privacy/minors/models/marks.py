"""What this database knows of erasures: steps that changed it, and entries of the ledger."""

from django.db import models
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.inventory.fields import plain


class StepDone(models.Model):
    """As `privacy.erasure.models.StepDone`, of the vault."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job_id = plain(models.UUIDField(), "an erasure, not whose")
    step = plain(models.CharField(max_length=40), "the name of a step")
    rows = plain(models.PositiveIntegerField(default=0))
    at = plain(models.DateTimeField(default=timezone.now))

    class Meta:
        constraints = [models.UniqueConstraint(fields=("job_id", "step"), name="child_step_done_once")]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.step} {self.rows}"


class LedgerMark(models.Model):
    """As `privacy.erasure.models.LedgerMark`, of the vault."""

    n = plain(models.BigIntegerField(primary_key=True), "a number in the ledger")
    at = plain(models.DateTimeField(default=timezone.now))

    class Privacy:
        app_rights = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return str(self.n)
