"""The codes that prove a number."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.columns import of_code
from accounts.enums import CodePurpose
from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    BlindIndex,
    Erase,
    SealedModel,
    SealedPhone,
    SealedQuerySet,
    SealedText,
    Sensitive,
    personal,
    plain,
)


class VerificationCodeQuerySet(SealedQuerySet["VerificationCode"]):
    def open_at(self, at: datetime) -> VerificationCodeQuerySet:
        """Codes that may still be tried."""
        return self.filter(consumed_at=None, attempts__lt=5, expires_at__gt=at)

    def asked_by(self, browser: str) -> VerificationCodeQuerySet:
        return self.filter(binding=browser)

    def claim_attempt(self, *, challenge: str, at: datetime) -> bool:
        """Count one try, atomically, before anything is compared. False when no try is left to claim."""
        return self.open_at(at).filter(challenge=challenge).update(attempts=F("attempts") + 1) == 1

    def consume(self, *, pk: UUID, at: datetime) -> bool:
        """Use the code up. True for exactly one of any number of callers."""
        return self.filter(pk=pk, consumed_at=None).update(consumed_at=at, code=None) == 1


def new_challenge() -> str:
    """128 random bits, the name under which a browser speaks of its code."""
    return secrets.token_urlsafe(16)


class VerificationCode(SealedModel):
    """One code sent to one number for one purpose and one browser.

    Number and code are sealed under a rolling subject whose key is destroyed within 24 hours, so that
    a number nobody proved becomes unreadable by itself (research on lead forms: most numbers typed are
    never proved).
    """

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    challenge = plain(
        models.CharField(max_length=22, unique=True, default=new_challenge, editable=False),
        "a random name of this row, known to one browser",
    )
    subject_id = plain(models.UUIDField(), "the rolling subject, which is nobody")
    phone = SealedPhone(
        "code.phone",
        "user.contact.phone_number",
        title=_("请求验证码的手机号"),
        why="verification",
        keep="code",
        sensitive=Sensitive.NUMBER,
        grade=3,
    )
    phone_index = BlindIndex("code.phone", lasting=False)
    code = SealedText(
        "code.code",
        "user.authorization.credentials",
        title=_("验证码"),
        why="verification",
        keep="code",
        sensitive=Sensitive.ACCOUNT,
        grade=4,
        export=False,
        withheld=_("凭它可以登录，谁都不再给第二次；24 小时内销毁"),
        null=True,
    )
    code_mac = personal(
        models.BinaryField(),
        "code.mac",
        "user.authorization.credentials",
        title=_("验证码的校验值"),
        grade=3,
        why="verification",
        keep="code",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("核对验证码用的密钥摘要，给出来会让人有机会猜中；24 小时内销毁"),
        erase=Erase.DELETE,
        unsealed_because="a keyed digest, compared before anybody is known",
    )
    purpose = of_code(
        models.CharField(max_length=20, choices=CodePurpose.labelled), "code.purpose", _("用途")
    )
    # A keyed hash of one browser's session nonce.
    binding = of_code(
        models.CharField(max_length=64),
        "code.browser",
        _("请求的浏览器"),
        withheld=_("认出同一个浏览器用的密钥摘要，读不出是哪个浏览器；24 小时内销毁"),
    )
    attempts = of_code(models.PositiveSmallIntegerField(default=0), "code.attempts", _("试过几次"))
    sends = of_code(models.PositiveSmallIntegerField(default=1), "code.sends", _("发过几次"))
    created_at = of_code(models.DateTimeField(auto_now_add=True), "code.created_at", _("请求时间"))
    # Five minutes from the last sending, and ten from the first.
    expires_at = of_code(models.DateTimeField(), "code.expires_at", _("有效到"))
    hard_expires_at = of_code(models.DateTimeField(), "code.hard_expires_at", _("重发后最晚有效到"))
    consumed_at = of_code(models.DateTimeField(null=True), "code.consumed_at", _("用掉的时间"))

    objects: ClassVar[models.Manager[VerificationCode]] = VerificationCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("验证码")
        indexes = [
            models.Index(fields=["expires_at"], name="code_expires"),
            models.Index(
                fields=["phone_index", "binding"], condition=models.Q(consumed_at=None), name="code_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(attempts__lte=5), name="five_tries_a_code"),
            models.CheckConstraint(
                condition=models.Q(purpose__in=CodePurpose.values), name="code_purpose_known"
            ),
        ]

    class Privacy:
        subject = "subject_id"
        place = 42  # people look for it among the messages

    def __str__(self) -> str:
        return f"code {self.pk}"
