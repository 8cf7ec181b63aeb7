"""What proves an erasure: marks of each step, certificates, who asked to be gone, searches for leftovers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.erasure.enums import RunKind
from privacy.erasure.models.declared import of_erasure
from privacy.erasure.models.jobs import ErasureJob
from privacy.inventory.fields import Erase, Sensitive, personal, plain
from privacy.inventory.telling import as_person


class StepDone(models.Model):
    """That a step of an erasure changed this database, written in the transaction of the change.

    The vault and the key store have one of their own. A task that comes twice finds the mark and counts
    nothing again.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job_id = plain(models.UUIDField(), "an erasure, not whose")
    step = plain(models.CharField(max_length=40), "the name of a step")
    rows = plain(models.PositiveIntegerField(default=0))
    at = plain(models.DateTimeField(default=timezone.now))

    class Meta:
        constraints = [models.UniqueConstraint(fields=("job_id", "step"), name="step_done_once")]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.step} {self.rows}"


class LedgerMark(models.Model):
    """That an entry of the erasure ledger is known to this database. A restored copy lacks the later ones."""

    n = plain(models.BigIntegerField(primary_key=True), "a number in the ledger")
    at = plain(models.DateTimeField(default=timezone.now))

    class Privacy:
        app_rights = ("SELECT", "INSERT")

    def __str__(self) -> str:
        return str(self.n)


class ErasureCertificate(models.Model):
    """The signed statement of what was deleted and what remains. A later version replaces none: all are kept.

    ``body`` is the text that was signed, canonical JSON in UTF-8; ``signature`` is Ed25519 in base64.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    job = of_erasure(
        models.ForeignKey(ErasureJob, models.CASCADE, related_name="certificates"),
        "certificate_of",
        _("哪次删除"),
        "user.unique_id",
        withheld=_("系统里的内部编号，只用来把记录连在一起；它说的已经另外给您"),
    )
    version = of_erasure(models.PositiveSmallIntegerField(), "certificate_version", _("第几版"))
    body = of_erasure(models.TextField(), "certificate", _("凭证"))
    signature = of_erasure(models.CharField(max_length=88), "certificate_signature", _("签名"))
    issued_at = of_erasure(models.DateTimeField(default=timezone.now), "certificate_issued_at", _("何时签发"))

    class Meta:
        verbose_name = verbose_name_plural = _("删除凭证")
        ordering = ("version",)
        constraints = [models.UniqueConstraint(fields=("job", "version"), name="a_version_once")]

    class Privacy:
        subject = "job.subject_id"
        app_rights = ("SELECT", "INSERT", "DELETE")

    def __str__(self) -> str:
        return f"certificate {self.version}"


class Suppression(models.Model):
    """That whoever had this number was erased, and under which alias what the law keeps of them stands.

    ``number_mac`` is keyed apart from every index: it is compared where a number is given, for a purpose the
    law names, and by nothing else. It goes with the last remainder.
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    number_mac = personal(
        models.CharField(max_length=64),
        "suppression.number_mac",
        "user.contact.phone_number",
        title=_("删除后用来核对法定余留的号码摘要"),
        grade=3,
        why="rights",
        keep="request",
        erase=Erase.KEEP,
        sensitive=Sensitive.NUMBER,
        export=False,
        withheld=_("由号码算出的密钥摘要，只在您为法律主张出示号码时拿来核对"),
        unsealed_because="a keyed digest under a key of its own, compared and never opened",
    )
    alias = of_erasure(
        models.UUIDField(), "suppression_alias", _("余留记录的代号"), "user.unique_id", told=as_person
    )
    at = of_erasure(models.DateTimeField(default=timezone.now), "suppression_at", _("何时删除"))
    until = of_erasure(models.DateField(null=True), "suppression_until", _("留到"))

    class Meta:
        verbose_name = verbose_name_plural = _("已删除的号码")
        indexes = [models.Index(fields=("number_mac",), name="suppression_of_number")]

    class Privacy:
        subject = "alias"
        title = _("核对用的号码摘要（读不出号码）")
        app_rights = ("SELECT", "INSERT", "DELETE", "UPDATE")

    def __str__(self) -> str:
        return f"suppression {self.pk}"


class ResidueRun(models.Model):
    """One search for leftovers: where was looked, what was found, never what was looked for."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    kind = plain(models.CharField(max_length=9, choices=RunKind.labelled))
    begun_at = plain(models.DateTimeField(default=timezone.now))
    ended_at = plain(models.DateTimeField(null=True))
    findings = plain(models.PositiveIntegerField(default=0))
    # {place: {"files": n, "bytes": n, "found": n, "unreached": "why not"}}
    places = plain(models.JSONField(default=dict), "names of places and counts")
    covered = plain(models.JSONField(default=list), "names of tables a canary had rows in")
    failure = plain(models.CharField(max_length=120, blank=True, default=""))

    objects: ClassVar[models.Manager[ResidueRun]] = models.Manager()

    class Meta:
        verbose_name = verbose_name_plural = _("残留检查")
        ordering = ("-begun_at",)
        constraints = [
            models.CheckConstraint(name="residue_kind_known", condition=Q(kind__in=RunKind.values))
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE", "DELETE")

    def __str__(self) -> str:
        return f"{self.kind} {self.findings}"
