"""Where classes are: campuses and their rooms. No person in it."""

from __future__ import annotations

from collections.abc import Collection

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courses.models.cities import City
from courses.wording import CATALOGUE_TEXT
from privacy.inventory.fields import plain


class CampusQuerySet(models.QuerySet["Campus"]):
    def open_to_parents(self) -> CampusQuerySet:
        """Campuses that parents see: by name within their city."""
        return self.filter(active=True, city__active=True).select_related("city").order_by("name", "pk")

    def in_city(self, city: City) -> CampusQuerySet:
        return self.filter(city=city)

    def within(self, campus_ids: Collection[int] | None) -> CampusQuerySet:
        """Those of the ids; all of them for None."""
        return self if campus_ids is None else self.filter(pk__in=campus_ids)


class Campus(models.Model):
    """A place with rooms where classes are held. Hours are local to Asia/Shanghai."""

    id = plain(models.BigAutoField(primary_key=True))
    slug = plain(models.SlugField(max_length=60, unique=True))
    name = plain(models.CharField(_("校区"), max_length=40, unique=True, validators=CATALOGUE_TEXT))
    city = plain(models.ForeignKey(City, models.PROTECT, related_name="campuses", verbose_name=_("城市")))
    district = plain(models.CharField(_("区域"), max_length=20))
    address = plain(models.CharField(_("地址"), max_length=100))
    how_to_come = plain(models.TextField(_("怎么来"), help_text=_("一行一段"), validators=CATALOGUE_TEXT))
    phone = plain(models.CharField(_("电话"), max_length=20))
    latitude = plain(models.DecimalField(_("纬度（GCJ-02）"), max_digits=8, decimal_places=6))
    longitude = plain(models.DecimalField(_("经度（GCJ-02）"), max_digits=9, decimal_places=6))
    opens_at = plain(models.TimeField(_("开门")))
    closes_at = plain(models.TimeField(_("关门")))
    # 0 is Monday, as in Python's date.weekday().
    rest_day = plain(
        models.PositiveSmallIntegerField(
            _("每周休息日"), null=True, blank=True, validators=[MaxValueValidator(6)]
        )
    )
    notice = plain(models.CharField(_("公告"), max_length=120, blank=True, validators=CATALOGUE_TEXT))
    active = plain(models.BooleanField(_("开放"), default=True))
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    objects = CampusQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("校区")
        ordering = ("city__position", "name")
        constraints = [
            models.CheckConstraint(name="campus_hours_ordered", condition=Q(opens_at__lt=F("closes_at"))),
            models.CheckConstraint(
                name="campus_rests_on_a_weekday", condition=Q(rest_day=None) | Q(rest_day__lte=6)
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("website:campus", args=[self.slug])

    @property
    def whole_address(self) -> str:
        """The address with its city and district; the city is read."""
        return f"{self.city.name}{self.district}{self.address}"


class Room(models.Model):
    """A room of a campus, with as many places as it has seats."""

    id = plain(models.BigAutoField(primary_key=True))
    campus = plain(models.ForeignKey(Campus, models.PROTECT, related_name="rooms", verbose_name=_("校区")))
    name = plain(models.CharField(_("教室"), max_length=20))
    seats = plain(models.PositiveSmallIntegerField(_("座位数")))
    active = plain(models.BooleanField(_("使用中"), default=True))

    class Meta:
        verbose_name = verbose_name_plural = _("教室")
        ordering = ("campus", "name")
        constraints = [models.UniqueConstraint(fields=["campus", "name"], name="one_room_a_name")]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")

    def __str__(self) -> str:
        return f"{self.campus} {self.name}"
