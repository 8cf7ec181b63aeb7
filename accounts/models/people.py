"""Users, and the numbers bound to them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.columns import of_account
from accounts.enums import ReleaseReason, UserKind
from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    BlindIndex,
    Klass,
    SealedModel,
    SealedPhone,
    SealedQuerySet,
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

    def of_number(self, phone: str) -> PhoneBindingQuerySet:
        """Bindings of a number (E.164)."""
        return self.find(phone=phone)


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
