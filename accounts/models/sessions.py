"""Browsers that are known, and whose account is signed in there."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.columns import of_session


class SessionManager(BaseSessionManager["Session"]):
    def of(self, account_id: UUID) -> models.QuerySet[Session]:
        """Wherever the person is signed in."""
        return self.filter(account_id=account_id)


class Session(AbstractBaseSession):
    """One browser. ``account_id`` is whoever is signed in, so that all of theirs end at once."""

    account_id = of_session(
        models.UUIDField(null=True, editable=False), "account", _("登录的是哪个账号"), "user.unique_id"
    )

    objects: ClassVar[SessionManager] = SessionManager()

    class Meta:
        verbose_name = verbose_name_plural = _("登录状态")
        indexes = [
            models.Index(
                fields=["account_id"], name="session_of_account", condition=Q(account_id__isnull=False)
            )
        ]

    class Privacy:
        subject = "account_id"
        title = _("登录状态")

    def __str__(self) -> str:
        return "session"
