"""What passes between a person and the officers: questions, refusals, replies, corrections, restrictions."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    Klass,
    SealedManager,
    SealedModel,
    SealedText,
    Sensitive,
    plain,
)
from privacy.inventory.names import as_field
from privacy.inventory.telling import as_named, as_person, as_staff
from privacy.rights.enums import RefusalCode
from privacy.rights.models.declared import of_request
from privacy.rights.models.requests import WORDS, WRITTEN, DataSubjectRequest, RequestedRight
from privacy.rights.models.telling import as_right


def _words(name: str, label: Any, *, null: bool = False, under: str = "request_id") -> SealedText[Any, Any]:
    """Something written by or to the person, sealed under the request's own key; ``under`` leads to whose."""
    return SealedText(
        f"request.{name}",
        "user.content",
        title=WRITTEN,
        label=label,
        max_length=WORDS,
        klass=Klass.RIGHTS,
        subject=under,
        why="rights",
        keep="request",
        grade=3,
        sensitive=Sensitive.FREE_TEXT,
        null=null,
    )


class Pause(SealedModel):
    """A question to the person, and the time for which the clock waited for them alone."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.CASCADE, related_name="pauses"),
        "pause_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    question = _words("question", _("我们问您的话"))
    answer = _words("answer", _("您的回答"), null=True)
    asked_at = of_request(models.DateTimeField(default=timezone.now), "asked_at", label=_("提问时间"))
    answered_at = of_request(models.DateTimeField(null=True), "answered_at", label=_("回答时间"))

    objects: ClassVar[SealedManager[Pause]] = SealedManager()

    class Meta:
        verbose_name = verbose_name_plural = _("等待补充")
        ordering = ("asked_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("request",), name="one_question_at_a_time", condition=Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="answered_after_asked",
                condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at")),
            ),
        ]

    class Privacy:
        subject = "request.subject_id"
        title = _("我们问您、您回答的话")

    def __str__(self) -> str:
        return f"pause {self.pk}"


class Refusal(SealedModel):
    """Why a right is not granted. It counts once a second person has approved it (PIPL 50; X2 5.8)."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    right = of_request(
        models.OneToOneField(RequestedRight, models.CASCADE, related_name="refusal"),
        "refusal_of",
        "user.unique_id",
        label=_("不能办的是"),
        told=as_right,
    )
    code = of_request(
        models.CharField(_("理由"), max_length=17, choices=RefusalCode.labelled), "refusal_code"
    )
    clause = of_request(models.CharField(_("依据"), max_length=80), "refusal_clause")
    reason = _words("refusal_reason", _("不能办的说明"), under="right.request_id")
    proposed_by = of_request(
        models.UUIDField(), "refusal_proposed_by", "user.unique_id", label=_("谁提出"), told=as_staff
    )
    proposed_at = of_request(
        models.DateTimeField(default=timezone.now), "refusal_proposed_at", label=_("提出时间")
    )
    approved_by = of_request(
        models.UUIDField(null=True), "refusal_approved_by", "user.unique_id", label=_("谁批准"), told=as_staff
    )
    approved_at = of_request(models.DateTimeField(null=True), "refusal_approved_at", label=_("批准时间"))

    objects: ClassVar[SealedManager[Refusal]] = SealedManager()

    class Meta:
        verbose_name = verbose_name_plural = _("不能办的理由")
        permissions = [
            ("approve_refusal", _("同意别人提出的不能办的理由")),
            ("call_excessive", _("认定一再提出的请求为无端重复")),
        ]
        constraints = [
            models.CheckConstraint(name="refusal_code_known", condition=Q(code__in=RefusalCode.values)),
            models.CheckConstraint(name="refusal_names_its_clause", condition=~Q(clause="")),
            models.CheckConstraint(
                name="refusal_approved_by_another",
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False) & ~Q(approved_by=F("proposed_by")),
            ),
        ]

    class Privacy:
        subject = "right.request.subject_id"

    def __str__(self) -> str:
        return self.code


class Reply(SealedModel):
    """What we wrote to the person. The final one ends the request, and always names the remedies."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.CASCADE, related_name="replies"),
        "reply_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    body = _words("reply", _("我们的答复"))
    remedies = _words("reply_remedies", _("答复里的救济途径"))
    is_final = of_request(models.BooleanField(default=False), "reply_is_final", label=_("是最后的答复"))
    at = of_request(models.DateTimeField(default=timezone.now), "reply_at", label=_("时间"))
    written_by = of_request(
        models.UUIDField(null=True), "reply_by", "user.unique_id", label=_("由谁"), told=as_staff
    )

    objects: ClassVar[SealedManager[Reply]] = SealedManager()

    class Meta:
        verbose_name = verbose_name_plural = _("答复")
        ordering = ("at", "pk")

    class Privacy:
        subject = "request.subject_id"
        title = _("我们的答复")

    def __str__(self) -> str:
        return f"reply {self.pk}"


class Correction(SealedModel):
    """What stood there, what stands there now, and what showed it to be right (PIPL 46)."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.CASCADE, related_name="corrections"),
        "correction_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    # The declared id of the field, such as child.nickname.
    field = of_request(models.CharField(max_length=60), "correction_field", label=_("哪一项"), told=as_field)
    before = _words("correction_before", _("更正前"), null=True)
    # A child's values stand in the vault, and not here.
    after = _words("correction_after", _("更正后"), null=True)
    evidence = _words("correction_evidence", _("更正的依据"), null=True)
    at = of_request(models.DateTimeField(default=timezone.now), "correction_at", label=_("时间"))

    objects: ClassVar[SealedManager[Correction]] = SealedManager()

    class Meta:
        verbose_name = verbose_name_plural = _("更正")
        ordering = ("at", "pk")

    class Privacy:
        subject = "request.subject_id"

    def __str__(self) -> str:
        return f"correction of {self.field}"


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def standing(self) -> RestrictionQuerySet:
        """Those not lifted."""
        return self.filter(lifted_at=None)

    def of(self, subject_id: UUID) -> RestrictionQuerySet:
        return self.filter(subject_id=subject_id)


class Restriction(models.Model):
    """A person whose data is stored and otherwise left alone (PIPL 44, 47)."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    subject_id = of_request(
        models.UUIDField(), "restricted", "user.unique_id", label=_("限制谁的信息"), told=as_person
    )
    request = of_request(
        models.ForeignKey(DataSubjectRequest, models.PROTECT, related_name="restrictions"),
        "restriction_of",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    since = of_request(models.DateTimeField(default=timezone.now), "restricted_since", label=_("从什么时候"))
    lifted_at = of_request(models.DateTimeField(null=True), "restriction_lifted_at", label=_("到什么时候"))

    objects: ClassVar[models.Manager[Restriction]] = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("限制处理")
        permissions = [("read_restricted", _("为法定目的读取限制处理的信息"))]
        constraints = [
            models.UniqueConstraint(
                fields=("subject_id",), name="restricted_once", condition=Q(lifted_at=None)
            ),
        ]

    class Privacy:
        subject = "subject_id"
        ward = "subject_id"

    def __str__(self) -> str:
        return f"restriction {self.pk}"
