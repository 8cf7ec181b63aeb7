"""Exports: one package a request, made step by step, taken at most three times within seven days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.uuid7 import uuid7
from privacy.inventory.fields import (
    Klass,
    SealedModel,
    SealedQuerySet,
    SealedText,
    Sensitive,
    personal,
    plain,
)
from privacy.inventory.telling import as_named
from privacy.rights.enums import BUILDING, PackageState
from privacy.rights.models.declared import of_package
from privacy.rights.models.requests import DataSubjectRequest
from privacy.rights.models.telling import as_package

MOST_DOWNLOADS = 3
KEPT = timedelta(days=7)
TICKET_LIFETIME = timedelta(minutes=10)


_PROGRESS = _("做副本时每一部分的进度，只给程序用；副本何时做好、共几条，在“信息副本”里")


class ExportPackageQuerySet(SealedQuerySet["ExportPackage"]):
    def building(self) -> ExportPackageQuerySet:
        return self.filter(state__in=BUILDING)

    def abandoned(self, at: datetime) -> ExportPackageQuerySet:
        """On their way, and nobody works on them any more."""
        return self.building().filter(Q(leased_until=None) | Q(leased_until__lt=at))

    def run_out(self, at: datetime) -> ExportPackageQuerySet:
        return self.filter(state=PackageState.READY, expires_at__lte=at)

    def lease(self, pk: UUID, *, at: datetime, until: datetime) -> bool:
        """Take a package to work on. True for exactly one of any number of callers."""
        return self.abandoned(at).filter(pk=pk).update(leased_until=until, attempts=F("attempts") + 1) == 1

    def count_download(self, pk: UUID, *, at: datetime) -> bool:
        """Count one download, if one is left and it is not too late. True for three callers, ever."""
        ready = self.filter(pk=pk, state=PackageState.READY, expires_at__gt=at, downloads__lt=MOST_DOWNLOADS)
        return ready.update(downloads=F("downloads") + 1) == 1


class ExportPackage(SealedModel):
    """The copy of a person's data that a request asked for. ``id`` is the subject of its own key."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    request = of_package(
        models.OneToOneField(DataSubjectRequest, models.PROTECT, related_name="package"),
        "request",
        "user.unique_id",
        label=_("请求"),
        told=as_named,
    )
    state = of_package(
        models.CharField(max_length=10, choices=PackageState.labelled, default=PackageState.QUEUED),
        "state",
        label=_("进展"),
    )
    # Sealed under the package's own key, which goes when the package does.
    password = SealedText(
        "package.password",
        "user.authorization.credentials",
        title=_("信息副本的密码"),
        klass=Klass.EXPORT,
        why="rights",
        keep="export",
        grade=4,
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("打开副本的密码，只在登录后的页面上显示；副本过期即销毁"),
        subject="id",
        null=True,
    )
    queued_at = of_package(models.DateTimeField(default=timezone.now), "queued_at", label=_("请求时间"))
    ready_at = of_package(models.DateTimeField(null=True), "ready_at", label=_("做好时间"))
    expires_at = of_package(models.DateTimeField(null=True), "expires_at", label=_("过期时间"))
    downloads = of_package(models.PositiveSmallIntegerField(default=0), "downloads", label=_("下载过几次"))
    bytes = of_package(models.PositiveBigIntegerField(default=0), "bytes", label=_("大小（字节）"))
    rows = of_package(models.PositiveIntegerField(default=0), "rows", label=_("一共几条"))
    leased_until = plain(models.DateTimeField(null=True), "how long a worker has it for itself")
    attempts = plain(models.PositiveSmallIntegerField(default=0), "how many workers took it up")

    objects: ClassVar[models.Manager[ExportPackage]] = ExportPackageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("信息副本")
        constraints = [
            models.CheckConstraint(name="package_state_known", condition=Q(state__in=PackageState.values)),
            models.CheckConstraint(name="three_downloads", condition=Q(downloads__lte=MOST_DOWNLOADS)),
            models.CheckConstraint(
                name="package_ready_for_seven_days",
                condition=~Q(state=PackageState.READY)
                | Q(ready_at__isnull=False, expires_at__lte=F("ready_at") + KEPT, password__isnull=False),
            ),
        ]

    class Privacy:
        subject = "request.subject_id"

    def __str__(self) -> str:
        return f"package {self.pk}"


class ExportStep(models.Model):
    """One area of a package, done or not: what a worker that takes over need not do again."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    package = of_package(
        models.ForeignKey(ExportPackage, models.CASCADE, related_name="steps"),
        "step_of",
        "user.unique_id",
        withheld=_PROGRESS,
    )
    area = plain(models.CharField(max_length=60), "the name of a table")
    position = plain(models.PositiveSmallIntegerField(), "in the order in which people read")
    rows = of_package(models.PositiveIntegerField(default=0), "step_rows", withheld=_PROGRESS)
    as_of = of_package(models.DateTimeField(null=True), "step_as_of", withheld=_PROGRESS)
    collected_at = of_package(models.DateTimeField(null=True), "step_collected_at", withheld=_PROGRESS)
    written_at = of_package(models.DateTimeField(null=True), "step_written_at", withheld=_PROGRESS)

    class Meta:
        verbose_name = verbose_name_plural = _("信息副本的部分")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("package", "area"), name="an_area_once"),
        ]

    class Privacy:
        subject = "package.request.subject_id"

    def __str__(self) -> str:
        return self.area


class DownloadTicketQuerySet(models.QuerySet["DownloadTicket"]):
    def use(self, token_hash: str, *, at: datetime, **where: Any) -> bool:
        """Use a ticket up. True for exactly one of any number of callers, and only in time."""
        unused = self.filter(token_hash=token_hash, used_at=None, expires_at__gt=at, **where)
        return unused.update(used_at=at) == 1


class DownloadTicket(models.Model):
    """Leave to fetch a package once, given to who is signed in and has just proved the number."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False))
    package = of_package(
        models.ForeignKey(ExportPackage, models.CASCADE, related_name="tickets"),
        "ticket_of",
        "user.unique_id",
        label=_("哪一份副本"),
        told=as_package,
    )
    token_hash = personal(
        models.CharField(max_length=64, unique=True),
        "package.token_hash",
        "user.authorization.credentials",
        title=_("下载链接的摘要"),
        grade=3,
        why="rights",
        keep="export",
        sensitive=Sensitive.ACCOUNT,
        export=False,
        withheld=_("下载链接的凭证，凭它可以取走副本；给出来等于多一把钥匙"),
        unsealed_because="a digest of 192 random bits, by which a link is found",
    )
    made_at = of_package(models.DateTimeField(default=timezone.now), "ticket_made_at", label=_("给出时间"))
    expires_at = of_package(models.DateTimeField(), "ticket_expires_at", label=_("过期时间"))
    used_at = of_package(models.DateTimeField(null=True), "ticket_used_at", label=_("用掉的时间"))

    objects: ClassVar[models.Manager[DownloadTicket]] = DownloadTicketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("下载凭证")
        constraints = [
            models.CheckConstraint(
                name="ticket_ends_in_time",
                condition=Q(expires_at__lte=F("made_at") + TICKET_LIFETIME),
            ),
        ]

    class Privacy:
        subject = "package.request.subject_id"
        beside = ("package.request",)
        title = _("下载信息副本的链接")

    def __str__(self) -> str:
        return f"ticket {self.pk}"
