"""Links in messages, each of which opens one booking."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from enrollment.models.bookings import TrialBooking
from enrollment.models.declared import of_link
from kit.uuid7 import uuid7
from privacy.inventory.fields import Sensitive, personal, plain


class ManageLinkQuerySet(models.QuerySet["ManageLink"]):
    def alive(self, at: datetime) -> ManageLinkQuerySet:
        return self.filter(expires_at__gt=at)


class ManageLink(models.Model):
    """A link in a message. It opens one booking, to see and to cancel, and nothing else."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    token_hash = personal(
        models.CharField(max_length=64, unique=True),
        "link.token_hash",
        "user.authorization.credentials",
        title=_("短信里的预约链接的摘要"),
        grade=3,
        why="trial",
        keep="trial",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("链接的凭证，凭它可以打开预约；给出来等于多一把钥匙"),
        unsealed_because="a digest of 192 random bits, by which a link is found",
    )
    booking = of_link(
        models.ForeignKey(TrialBooking, models.CASCADE, related_name="links"), "booking", _("预约")
    )
    expires_at = of_link(models.DateTimeField(), "expires_at", _("失效时间"))

    objects: ClassVar[models.Manager[ManageLink]] = ManageLinkQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("短信链接")

    class Privacy:
        subject = "booking.guardian_id"
        place = 34
        title = _("短信里的预约链接")

    def __str__(self) -> str:
        return f"link {self.pk}"
