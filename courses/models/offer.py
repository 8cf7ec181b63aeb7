"""What is offered: programmes, what speaks for them, and their courses. No person in it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.wording import CATALOGUE_TEXT
from privacy.inventory.fields import plain


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def offered(self) -> ProgrammeQuerySet:
        """Programmes on offer, in the order in which they are shown everywhere."""
        return self.filter(active=True).order_by("position")


class Programme(models.Model):
    """A line of courses, such as drama."""

    id = plain(models.BigAutoField(primary_key=True))
    slug = plain(models.SlugField(max_length=20, unique=True))
    name = plain(models.CharField(_("名称"), max_length=20, unique=True, validators=CATALOGUE_TEXT))
    short_name = plain(models.CharField(_("简称"), max_length=10))
    english_name = plain(models.CharField(_("英文名"), max_length=40))
    motto = plain(models.CharField(_("一句话"), max_length=40, validators=CATALOGUE_TEXT))
    about = plain(models.TextField(_("介绍"), help_text=_("一行一段"), validators=CATALOGUE_TEXT))
    position = plain(models.PositiveSmallIntegerField(_("顺序")))
    active = plain(models.BooleanField(_("开设"), default=True))
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("课程线")
        ordering = ("position",)

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("website:programme", args=[self.slug])


class SellingPoint(models.Model):
    """One thing that speaks for a programme. How many there are differs."""

    id = plain(models.BigAutoField(primary_key=True))
    programme = plain(models.ForeignKey(Programme, models.CASCADE, related_name="selling_points"))
    text = plain(models.CharField(_("内容"), max_length=80, validators=CATALOGUE_TEXT))
    position = plain(models.PositiveSmallIntegerField(_("顺序")))

    class Meta:
        verbose_name = verbose_name_plural = _("特色")
        ordering = ("position",)
        constraints = [models.UniqueConstraint(fields=["programme", "position"], name="one_point_a_position")]

    def __str__(self) -> str:
        return self.text


class CourseQuerySet(models.QuerySet["Course"]):
    def offered(self) -> CourseQuerySet:
        """Courses on offer, by programme and age."""
        return self.filter(active=True, programme__active=True).order_by("programme__position", "position")


class Course(models.Model):
    """A course of a programme for children of an age. Ages are whole months, both ends included."""

    id = plain(models.BigAutoField(primary_key=True))
    slug = plain(models.SlugField(max_length=40, unique=True))
    name = plain(models.CharField(_("名称"), max_length=30, unique=True, validators=CATALOGUE_TEXT))
    programme = plain(
        models.ForeignKey(Programme, models.PROTECT, related_name="courses", verbose_name=_("课程线"))
    )
    age_min_months = plain(models.PositiveSmallIntegerField(_("最小月龄")))
    age_max_months = plain(models.PositiveSmallIntegerField(_("最大月龄")))
    minutes = plain(models.PositiveSmallIntegerField(_("时长（分钟）")))
    summary = plain(models.CharField(_("简介"), max_length=80, validators=CATALOGUE_TEXT))
    in_class = plain(models.TextField(_("这节课做什么"), help_text=_("一行一段"), validators=CATALOGUE_TEXT))
    bring = plain(models.CharField(_("要带什么"), max_length=80, validators=CATALOGUE_TEXT))
    position = plain(models.PositiveSmallIntegerField(_("顺序")))
    active = plain(models.BooleanField(_("开设"), default=True))
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("课程")
        ordering = ("programme__position", "position")
        constraints = [
            models.CheckConstraint(
                name="course_ages_ordered", condition=Q(age_min_months__lte=F("age_max_months"))
            ),
            models.CheckConstraint(name="course_takes_time", condition=Q(minutes__gt=0)),
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return self.name
