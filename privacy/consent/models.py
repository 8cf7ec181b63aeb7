"""Documents as they were shown, who agreed to what, who runs the service. Only the last ever changes."""

import uuid
from collections.abc import Collection
from datetime import date, time
from typing import Any, TypeVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.consent.declarations import as_declared
from privacy.consent.enums import ActingRole, Channel, ConsentPurpose, ConsentState, Document
from privacy.inventory.fields import Erase, Grade, personal, plain
from privacy.inventory.telling import Telling, as_child, as_guardian

# The database recomputes the hash of the text: a row cannot claim a hash that its text does not have.
_HASH_OF_HTML = Func(
    Func(Func(F("html"), Value("UTF8"), function="convert_to"), function="sha256"),
    Value("hex"),
    function="encode",
    output_field=TextField(),
)


AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")
_dialled = RegexValidator(r"^[0-9][0-9-]{4,18}$", _("请只填数字和 -，例如 400-000-0000。"))


def _decided(
    field: AnyField, name: str, label: str | Promise = "", *, told: Telling | None = None
) -> AnyField:
    """A column of a decision: all of them are held for the same reason and as long."""
    return personal(
        field,
        f"consent.{name}",
        "consent",
        label=label,
        told=told,
        title=_(
            "同意记录（谁、何时、以什么身份和声明、通过哪种方式，为哪个孩子，对哪份文件的哪一版作出什么决定）"
        ),
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
    # What the text says about whoever runs the service, so that a page can tell when today's facts differ.
    told = plain(models.JSONField(_("文中的运营方"), default=dict, db_default=Value({}, models.JSONField())))
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

    def newest_decisions(self, *, subject: uuid.UUID) -> "ConsentRecordQuerySet":
        """Of each purpose, and of each child it concerns, the person's newest decision, which counts."""
        decided = self.filter(subject_id=subject).order_by("purpose", "concerning_id", "-at", "-id")
        return decided.distinct("purpose", "concerning_id")

    def standing(self, *, subject: uuid.UUID) -> "ConsentRecordQuerySet":
        """The same, with the versions that were shown."""
        return self.newest_decisions(subject=subject).select_related("notice").defer("notice__html")

    def standing_about(self, children: Collection[uuid.UUID]) -> "ConsentRecordQuerySet":
        """Of each of ``children`` the newest decision of each guardian, which counts."""
        return (
            self.filter(concerning_id__in=children)
            .order_by("concerning_id", "subject_id", "-at", "-id")
            .distinct("concerning_id", "subject_id")
        )


class ConsentRecord(models.Model):
    """One decision about one purpose, never changed: withdrawing is another row."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    subject_id = _decided(models.UUIDField(_("谁")), "subject", _("谁作的决定"), told=as_guardian)
    # The child's subject id; the child stands in another database.
    concerning_id = _decided(models.UUIDField(_("哪个孩子"), null=True), "concerning", told=as_child)
    notice = _decided(models.ForeignKey(ConsentNotice, on_delete=models.PROTECT), "notice", _("文件和版本"))
    purpose = _decided(models.CharField(max_length=16, choices=ConsentPurpose.labelled), "purpose", _("关于"))
    state = _decided(models.CharField(max_length=10, choices=ConsentState.labelled), "state", _("决定"))
    at = _decided(models.DateTimeField(), "at", _("时间"))
    channel = _decided(models.CharField(max_length=8, choices=Channel.labelled), "channel", _("通过"))
    acting_role = _decided(
        models.CharField(max_length=24, choices=ActingRole.labelled), "acting_role", _("以什么身份")
    )
    declaration = _decided(models.CharField(max_length=40), "declaration", _("声明"), told=as_declared)

    objects = ConsentRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("同意记录")
        ordering = ("-at", "-id")
        indexes = [
            models.Index(
                fields=("subject_id", "purpose", "concerning_id", "-at", "-id"), name="consent_of_subject"
            ),
            models.Index(
                fields=("concerning_id", "-at", "-id"),
                name="consent_about",
                condition=Q(concerning_id__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="consent_purpose_known", condition=Q(purpose__in=ConsentPurpose.values)
            ),
            models.CheckConstraint(name="consent_state_known", condition=Q(state__in=ConsentState.values)),
            models.CheckConstraint(name="consent_channel_known", condition=Q(channel__in=Channel.values)),
            models.CheckConstraint(name="consent_role_known", condition=Q(acting_role__in=ActingRole.values)),
            # A yes for a child names it, and is its guardian's; a no need not name whom it keeps unnamed.
            models.CheckConstraint(
                name="consent_for_a_child_names_it",
                condition=~Q(purpose="children") & Q(concerning_id=None)
                | Q(purpose="children", acting_role="guardian")
                & (Q(state="refused") | Q(concerning_id__isnull=False)),
            ),
        ]

    class Privacy:
        subject = "subject_id"
        ward = "concerning_id"
        append_only = True

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"


class OperatorData(models.Model):
    """Who runs the service, as the law wants it named. One row; read through `privacy.consent.operator`."""

    id = plain(models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False))
    brand = plain(models.CharField(_("品牌"), max_length=30, default="励步儿童成长中心"))
    brand_short = plain(models.CharField(_("品牌简称"), max_length=10, default="励步"))
    brand_english = plain(models.CharField(_("品牌英文名"), max_length=30, default="Leap Space"))
    company = plain(models.CharField(_("公司"), max_length=60, default="示例教育科技有限公司（演示）"))
    registered_address = plain(
        models.CharField(_("注册地址"), max_length=100, default="北京市示例区示例路 1 号（演示）")
    )
    contact_address = plain(
        models.CharField(_("联系地址"), max_length=100, default="北京市示例区样板街 2 号示例大厦（演示）")
    )
    hotline = plain(
        models.CharField(_("服务热线"), max_length=20, default="400-000-0000", validators=[_dialled])
    )
    hotline_note = plain(models.CharField(_("热线后的说明"), max_length=10, blank=True, default="（演示）"))
    opens_at = plain(models.TimeField(_("开始接听"), default=time(9, 30)))
    closes_at = plain(models.TimeField(_("结束接听"), default=time(18, 30)))
    privacy_department = plain(
        models.CharField(_("个人信息保护部门"), max_length=40, default="个人信息保护部")
    )
    privacy_phone = plain(
        models.CharField(_("部门电话"), max_length=20, default="400-000-0000", validators=[_dialled])
    )
    privacy_opens_at = plain(models.TimeField(_("部门开始接听"), default=time(9, 30)))
    privacy_closes_at = plain(models.TimeField(_("部门结束接听"), default=time(18, 0)))
    privacy_mail = plain(models.EmailField(_("部门邮箱"), max_length=80, default="privacy@example.com"))
    icp = plain(
        models.CharField(_("ICP 备案号"), max_length=40, blank=True, default="京ICP备00000000号（演示）")
    )
    police_filing = plain(
        models.CharField(
            _("公安备案号"), max_length=40, blank=True, default="京公网安备00000000000000号（演示）"
        )
    )
    wechat_account = plain(models.CharField(_("微信公众号"), max_length=30, blank=True, default="励步演示"))
    wechat_code = plain(
        models.CharField(
            _("微信二维码里的网址"), max_length=200, blank=True, help_text=_("留空就只显示公众号的名字")
        )
    )
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    class Meta:
        verbose_name = verbose_name_plural = _("运营方")
        constraints = [
            models.CheckConstraint(name="operator_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="operator_hours_ordered",
                condition=Q(opens_at__lt=F("closes_at")),
                violation_error_message=_("热线的结束时间要晚于开始时间。"),
            ),
            models.CheckConstraint(
                name="operator_privacy_hours_ordered",
                condition=Q(privacy_opens_at__lt=F("privacy_closes_at")),
                violation_error_message=_("部门的结束时间要晚于开始时间。"),
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "UPDATE")

    def __str__(self) -> str:
        return self.company
