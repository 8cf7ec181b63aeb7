"""Who works where: teachers as families know them, and which campuses a member of staff works for."""

from __future__ import annotations

from typing import Any, TypeVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.places import Campus
from kit.uuid7 import uuid7
from privacy.inventory.fields import personal, plain
from privacy.inventory.telling import Telling, as_staff

AnyField = TypeVar("AnyField", bound="models.Field[Any, Any]")


def _of_staff(field: AnyField, name: str, category: str, *, told: Telling | None = None) -> AnyField:
    """A fact about a member of staff at work."""
    return personal(
        field,
        name,
        category,
        title=_("老师的艺名和所在校区，员工负责的校区"),
        grade=1,
        why="staff_work",
        keep="staff",
        told=told,
    )


class Teacher(models.Model):
    """A teacher under the name children call them by, never the civil one."""

    id = plain(models.UUIDField(primary_key=True, default=uuid7, editable=False), "a random name")
    campus = _of_staff(
        models.ForeignKey(Campus, models.PROTECT, related_name="teachers", verbose_name=_("校区")),
        "teacher.campus",
        "user.location.imprecise",
    )
    stage_name = _of_staff(models.CharField(_("艺名"), max_length=20), "teacher.stage_name", "user.name")
    active = plain(models.BooleanField(_("在岗"), default=True))

    class Meta:
        verbose_name = verbose_name_plural = _("老师")
        ordering = ("campus", "stage_name")
        constraints = [models.UniqueConstraint(fields=["campus", "stage_name"], name="one_teacher_a_name")]

    class Privacy:
        subject = "id"

    def __str__(self) -> str:
        return self.stage_name


class CampusMembership(models.Model):
    """A member of staff works for a campus: its rows and no others are theirs to see."""

    id = plain(models.BigAutoField(primary_key=True))
    user = _of_staff(
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            models.CASCADE,
            related_name="campus_memberships",
            verbose_name=_("员工"),
        ),
        "membership.user",
        "user.unique_id",
        told=as_staff,
    )
    campus = _of_staff(
        models.ForeignKey(Campus, models.PROTECT, related_name="memberships", verbose_name=_("校区")),
        "membership.campus",
        "user.location.imprecise",
    )

    class Meta:
        verbose_name = verbose_name_plural = _("校区成员")
        constraints = [models.UniqueConstraint(fields=["user", "campus"], name="one_membership_a_campus")]
        permissions = [("all_campuses", _("负责所有校区"))]

    class Privacy:
        subject = "user_id"

    def __str__(self) -> str:
        return f"{self.user} · {self.campus}"
