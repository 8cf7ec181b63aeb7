"""Users, the numbers bound to them, and the codes that prove a number."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.columns import of_account, of_code
from accounts.enums import CodePurpose, ReleaseReason, UserKind
from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    BlindIndex,
    Erase,
    Klass,
    SealedModel,
    SealedPhone,
    SealedQuerySet,
    SealedText,
    Sensitive,
    personal,
    plain,
)
from privacy.inventory.telling import as_it_is, as_person


class UserManager(BaseUserManager["User"]):
    """Makes staff for the admin and tests; guardians are made by accounts.services alone."""

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = User(username=username, kind=UserKind.STAFF, is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. ``id`` is the adult's subject id everywhere; no number stands here."""

    id = personal(
        models.UUIDField(primary_key=True, default=uuid7, editable=False),
        "user.id",
        "user.unique_id",
        title=_("账号的随机编号"),
        label=_("账号编号"),
        grade=2,
        why="account",
        keep="account",
        erase=Erase.KEEP,
        told=as_it_is,
    )
    kind = of_account(
        models.CharField(_("类别"), max_length=10, choices=UserKind.labelled, default=UserKind.GUARDIAN),
        "user.kind",
    )
    username = personal(
        models.CharField(_("员工登录名"), max_length=60, unique=True, null=True, blank=True),
        "user.username",
        "user.account.username",
        title=_("员工登录名"),
        grade=2,
        why="staff_access",
        keep="staff",
    )
    is_active = of_account(models.BooleanField(_("可以登录"), default=True), "user.is_active")
    is_staff = personal(
        models.BooleanField(_("可以进后台"), default=False),
        "user.is_staff",
        "user.account",
        title=_("员工的权限"),
        grade=2,
        why="staff_access",
        keep="staff",
    )
    created_at = of_account(models.DateTimeField(_("注册时间"), auto_now_add=True), "user.created_at")

    objects = UserManager()

    USERNAME_FIELD = "username"

    class Meta:
        verbose_name = verbose_name_plural = _("用户")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=UserKind.STAFF, username__isnull=False)
                | models.Q(kind=UserKind.GUARDIAN, username=None, is_staff=False, is_superuser=False),
                name="staff_by_name_guardians_by_phone",
            )
        ]

    class Privacy:
        subject = "id"
        title = _("账号")

    def __str__(self) -> str:
        return self.username or f"{self.get_kind_display()} {str(self.pk)[-6:]}"


class PhoneBindingQuerySet(SealedQuerySet["PhoneBinding"]):
    def live(self) -> PhoneBindingQuerySet:
        """Bindings that hold now."""
        return self.filter(released_at=None)

    def of_number(self, phone_index: str) -> PhoneBindingQuerySet:
        return self.filter(phone_index=phone_index)


class PhoneBinding(SealedModel):
    """A proved number and whose it is. Kept apart from the user, for numbers change hands."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    user = personal(
        models.ForeignKey(User, models.CASCADE, related_name="phone_bindings", verbose_name=_("用户")),
        "binding.user",
        "user.unique_id",
        title=_("账号的随机编号"),
        label=_("谁的号码"),
        grade=2,
        why="account",
        keep="account",
        told=as_person,
    )
    phone = SealedPhone(
        "binding.phone",
        "user.contact.phone_number",
        title=_("手机号"),
        klass=Klass.CORE,
        why="account",
        keep="account",
        sensitive=Sensitive.NUMBER,
        grade=3,
        subject="user_id",
    )
    phone_index = BlindIndex("binding.phone")
    proved_at = of_account(models.DateTimeField(_("最近验证")), "binding.proved_at")
    released_at = of_account(
        models.DateTimeField(_("解绑时间"), null=True, blank=True), "binding.released_at"
    )
    release_reason = of_account(
        models.CharField(_("解绑原因"), max_length=10, choices=ReleaseReason.labelled, null=True, blank=True),
        "binding.release_reason",
    )

    objects: ClassVar[models.Manager[PhoneBinding]] = PhoneBindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("手机绑定")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"], condition=models.Q(released_at=None), name="one_account_a_number"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(released_at=None), name="one_number_an_account"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None, release_reason=None)
                | models.Q(released_at__isnull=False, release_reason__isnull=False),
                name="released_with_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(release_reason=None) | models.Q(release_reason__in=ReleaseReason.values),
                name="release_reason_known",
            ),
        ]

    class Privacy:
        subject = "user_id"
        title = _("手机号")

    def __str__(self) -> str:
        return f"binding {self.pk}"


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
    phone_index = BlindIndex("code.phone")
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
