"""Where a trial can be booked. No person in it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.enums import CityLevel
from privacy.inventory.fields import plain

_WITHIN_A_CITY = (CityLevel.COUNTY, CityLevel.DISTRICT)


class CityQuerySet(models.QuerySet["City"]):
    """Cities, asked in the words of the pages."""

    def bookable(self) -> "CityQuerySet":
        """Cities a trial can be booked in today, as people look them up: syllable by syllable."""
        return self.filter(active=True).order_by("syllables", "slug")


class City(models.Model):
    """A place a trial can be booked in: whatever level of government, one entry of the list."""

    id = plain(models.BigAutoField(primary_key=True))
    slug = plain(models.SlugField(max_length=40, unique=True))
    name = plain(models.CharField(_("城市"), max_length=20, unique=True))
    # Stored, never computed: 重庆 is read chong, 厦门 xia, 番禺 pan, and no library knows all of them.
    pinyin = plain(models.CharField(_("拼音"), max_length=40))
    syllables = plain(
        models.CharField(
            _("拼音音节"),
            max_length=60,
            default="",
            db_default="",
            db_collation="C",
            help_text=_("空格分开，用来排序"),
        )
    )
    abbreviation = plain(models.CharField(_("拼音首字母"), max_length=8))
    initial = plain(models.CharField(_("首字母"), max_length=1))
    level = plain(models.CharField(_("级别"), max_length=12, choices=CityLevel))
    province = plain(models.CharField(_("省级行政区"), max_length=12))
    within = plain(models.CharField(_("所属地级市"), max_length=20, blank=True))
    parent = plain(
        models.ForeignKey("self", verbose_name=_("上级城市"), null=True, blank=True, on_delete=models.PROTECT)
    )
    position = plain(models.PositiveSmallIntegerField(_("页面顺序")))
    common = plain(models.BooleanField(_("常用城市"), default=False, db_default=False))
    active = plain(models.BooleanField(_("开放预约"), default=True))

    objects = CityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("城市")
        ordering = ("position",)
        constraints = [
            models.CheckConstraint(name="city_initial_is_a_capital", condition=Q(initial__regex=r"^[A-Z]$")),
            models.CheckConstraint(
                name="city_county_lies_within_a_city",
                condition=Q(level__in=_WITHIN_A_CITY) & ~Q(within="")
                | ~Q(level__in=_WITHIN_A_CITY) & Q(within="", parent=None),
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "INSERT", "UPDATE")  # a city that left the list is closed, never deleted

    def __str__(self) -> str:
        return self.name
