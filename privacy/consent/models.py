"""Documents as they were shown, and who agreed to what. Both are written once and never again."""

import uuid
from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState, Document
from privacy.inventory.fields import Erase, Grade, personal, plain

# The database recomputes the hash of the text: a row cannot claim a hash that its text does not have.
_HASH_OF_HTML = Func(
    Func(Func(F("html"), Value("UTF8"), function="convert_to"), function="sha256"),
    Value("hex"),
    function="encode",
    output_field=TextField(),
)


AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def _decided(field: AnyField, name: str) -> AnyField:
    """A column of a decision: all of them are held for the same reason and as long."""
    return personal(
        field,
        f"consent.{name}",
        "consent",
        title=_("同意记录（谁、何时、以什么身份和声明、通过哪种方式，对哪份文件的哪一版作出什么决定）"),
        grade=Grade.TWO,
        why="consent_proof",
        keep="consent_proof",
        erase=Erase.KEEP,
    )


class ConsentNoticeQuerySet(models.QuerySet["ConsentNotice"]):
    """Versions of documents, asked by date."""

    def in_force(self, day: date | None = None) -> "ConsentNoticeQuerySet":
        """Of each document the one version in force on ``day`` (today in Shanghai)."""
        day = day or timezone.localdate()
        return self.filter(effective_at__lte=day).order_by("document", "-effective_at").distinct("document")

    def of(self, document: str) -> "ConsentNoticeQuerySet":
        """Every version of ``document``, the newest first, announced ones included."""
        return self.filter(document=document).order_by("-effective_at")


class ConsentNotice(models.Model):
    """One version of a document: the very text people see, with its hash."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    document = plain(models.CharField(_("文件"), max_length=10, choices=Document.labelled))
    version = plain(models.CharField(_("版本"), max_length=9))
    language = plain(models.CharField(_("语言"), max_length=10, default="zh-hans"))
    title = plain(models.CharField(_("标题"), max_length=60))
    scope = plain(models.TextField(_("适用范围")))
    # Where documents disagree the higher rank stands: children's rules, then the policy, then the terms.
    rank = plain(models.PositiveSmallIntegerField(_("优先级")))
    html = plain(models.TextField(_("正文")))
    sha256 = plain(models.CharField("SHA-256", max_length=64))
    published_at = plain(models.DateField(_("发布日期")))
    effective_at = plain(models.DateField(_("生效日期")))

    objects = ConsentNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("告知书")
        ordering = ("document", "-effective_at")
        constraints = [
            models.UniqueConstraint(fields=("document", "version"), name="notice_version_once"),
            models.UniqueConstraint(fields=("document", "effective_at"), name="notice_one_in_force"),
            models.CheckConstraint(name="notice_document_known", condition=Q(document__in=Document.values)),
            models.CheckConstraint(
                name="notice_version_reads_1_0", condition=Q(version__regex=r"^[0-9]+\.[0-9]+$")
            ),
            models.CheckConstraint(
                name="notice_published_before_effect", condition=Q(effective_at__gte=F("published_at"))
            ),
            models.CheckConstraint(name="notice_hash_is_of_the_text", condition=Q(sha256=_HASH_OF_HTML)),
        ]

    class Privacy:
        append_only = True

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def get_absolute_url(self) -> str:
        """The page of this very version, which stays when a newer one comes."""
        return reverse("consent:version", args=(self.document, self.version))


class ConsentRecordQuerySet(models.QuerySet["ConsentRecord"]):
    """Decisions of people."""

    def standing(self, *, subject: uuid.UUID) -> "ConsentRecordQuerySet":
        """Of each purpose the person's newest decision, which is the one that counts."""
        return (
            self.filter(subject_id=subject)
            .order_by("purpose", "-at", "-id")
            .distinct("purpose")
            .select_related("notice")
            .defer("notice__html")
        )


class ConsentRecord(models.Model):
    """One decision about one purpose, never changed: withdrawing is another row."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    subject_id = _decided(models.UUIDField(_("谁")), "subject")
    notice = _decided(models.ForeignKey(ConsentNotice, on_delete=models.PROTECT), "notice")
    purpose = _decided(models.CharField(max_length=16, choices=ConsentPurpose.labelled), "purpose")
    state = _decided(models.CharField(max_length=10, choices=ConsentState.labelled), "state")
    at = _decided(models.DateTimeField(), "at")
    channel = _decided(models.CharField(max_length=8, choices=Channel.labelled), "channel")
    acting_role = _decided(models.CharField(max_length=24, choices=ActingRole.labelled), "acting_role")
    declaration = _decided(models.CharField(max_length=40), "declaration")

    objects = ConsentRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("同意记录")
        ordering = ("-at", "-id")
        indexes = [models.Index(fields=("subject_id", "purpose", "-at", "-id"), name="consent_standing")]
        constraints = [
            models.CheckConstraint(
                name="consent_purpose_known", condition=Q(purpose__in=ConsentPurpose.values)
            ),
            models.CheckConstraint(name="consent_state_known", condition=Q(state__in=ConsentState.values)),
            models.CheckConstraint(name="consent_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(name="consent_role_known", condition=Q(acting_role__in=ActingRole.values)),
        ]

    class Privacy:
        subject = "subject_id"
        append_only = True

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"
