"""Links by which a child's guardian lets one more guardian in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.inventory.fields import Sensitive, personal, plain
from privacy.inventory.telling import as_child, as_guardian
from privacy.minors.columns import of_invitation
from privacy.minors.models.children import Child

LIFETIME = timedelta(hours=72)  # of an invitation


class GuardianInvitationQuerySet(models.QuerySet["GuardianInvitation"]):
    def unanswered(self) -> GuardianInvitationQuerySet:
        """Neither accepted nor withdrawn, run out or not: one a child at the most."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def open(self, at: datetime) -> GuardianInvitationQuerySet:
        return self.unanswered().filter(expires_at__gt=at)

    def of_token(self, token: str) -> GuardianInvitationQuerySet:
        """The one that a link names; ``token`` stands in the link alone."""
        return self.filter(token_hash=GuardianInvitation.hash_of(token))

    def naming(self, people: Collection[UUID]) -> GuardianInvitationQuerySet:
        return self.filter(models.Q(invited_by__in=people) | models.Q(accepted_by__in=people))


class GuardianInvitation(models.Model):
    """A link by which a child's guardian lets one more guardian in. It is answered once, within its time."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    child = of_invitation(
        models.ForeignKey(Child, models.CASCADE, related_name="invitations"),
        "child",
        _("孩子"),
        "user.unique_id",
        told=as_child,
    )
    invited_by = of_invitation(
        models.UUIDField(), "invited_by", _("谁邀请"), "user.unique_id", told=as_guardian
    )
    token_hash = personal(
        models.CharField(max_length=64, unique=True),
        "guardian_invitation.token_hash",
        "user.authorization.credentials",
        title=_("邀请链接的摘要"),
        grade=3,
        why="child",
        keep="child",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("邀请链接的凭证，凭它可以成为监护人；给出来等于多一把钥匙"),
        unsealed_because="a digest of 192 random bits, by which a link is found",
    )
    created_at = of_invitation(
        models.DateTimeField(default=timezone.now, editable=False), "created_at", _("邀请时间")
    )
    expires_at = of_invitation(models.DateTimeField(), "expires_at", _("有效到"))
    accepted_by = of_invitation(
        models.UUIDField(null=True), "accepted_by", _("谁接受"), "user.unique_id", told=as_guardian
    )
    accepted_at = of_invitation(models.DateTimeField(null=True), "accepted_at", _("接受时间"))
    withdrawn_at = of_invitation(models.DateTimeField(null=True), "withdrawn_at", _("撤回时间"))

    objects: ClassVar[models.Manager[GuardianInvitation]] = GuardianInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("监护人邀请")
        constraints = [
            models.UniqueConstraint(
                fields=["child"],
                name="one_open_invitation",
                condition=models.Q(accepted_at=None, withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_accepted_by_somebody",
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="invitation_not_ones_own",
                condition=models.Q(accepted_by=None) | ~models.Q(accepted_by=models.F("invited_by")),
            ),
            models.CheckConstraint(
                name="invitation_ends_in_time",
                condition=models.Q(
                    expires_at__gt=models.F("created_at"),
                    expires_at__lte=models.F("created_at") + LIFETIME,
                ),
            ),
        ]

    class Privacy:
        subject = "invited_by"
        ward = "child_id"
        also = ("accepted_by",)

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @staticmethod
    def hash_of(token: str) -> str:
        """What is stored of the token in a link."""
        return sha256(token.encode()).hexdigest()
