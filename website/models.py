"""What the site says about itself: texts, figures, partners, links. Held once; no person in it."""

from __future__ import annotations

from typing import Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.wording import CATALOGUE_TEXT
from kit.safe_next import is_own_path
from privacy.inventory.fields import plain

AnyLink = TypeVar("AnyLink", bound="Link")
_outside = URLValidator(schemes=("https", "http"))


def link_address(value: str) -> None:
    """A field's validator: a page of this site such as ``/cities/``, or a whole address elsewhere."""
    if is_own_path(value):
        return
    try:
        _outside(value)
    except ValidationError as error:
        raise ValidationError(_("请填完整的网址，或者本站以 / 开头的地址。"), code="address") from error


class SiteText(models.Model):
    """The site's own words and figures: one row."""

    id = plain(models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False))
    slogan = plain(
        models.CharField(_("口号"), max_length=30, default="一步一步，自在长大", validators=CATALOGUE_TEXT)
    )
    group_line = plain(
        models.CharField(
            _("所属集团"),
            max_length=60,
            blank=True,
            default="好未来旗下的儿童素养品牌",
            validators=CATALOGUE_TEXT,
        )
    )
    about_heading = plain(models.CharField(_("介绍的标题"), max_length=20, default="我们是谁"))
    about_english = plain(models.CharField(_("英文标题"), max_length=40, blank=True, default="About"))
    about = plain(
        models.TextField(
            _("介绍"),
            help_text=_("一行一段"),
            default=(
                "励步儿童成长中心陪孩子上好玩的课：演戏、拼搭、说话、画画、读书。"
                "课怎么上，先看孩子几岁、喜欢什么，再从世界各地的好材料里挑合适中国孩子的。\n"
                "五种课各有各的玩法，走的是同一条路：在一群人里自在，心里自立，对自己的文化自信。"
            ),
            validators=CATALOGUE_TEXT,
        )
    )
    values_heading = plain(models.CharField(_("理念的标题"), max_length=20, default="我们看重的"))
    values_english = plain(models.CharField(_("英文标题"), max_length=40, blank=True, default="Our Values"))
    values_line = plain(
        models.CharField(
            _("理念"),
            max_length=80,
            blank=True,
            default="孩子自己想玩、想问，才学得长久。课上练的是这五样。",
            validators=CATALOGUE_TEXT,
        )
    )
    partners_heading = plain(models.CharField(_("合作方的标题"), max_length=20, default="合作伙伴"))
    partners_english = plain(models.CharField(_("英文标题"), max_length=40, blank=True, default="Partners"))
    founded_in = plain(models.PositiveSmallIntegerField(_("创办年份"), default=2008))
    almost_cities = plain(
        models.PositiveSmallIntegerField(_("近多少座城市"), default=80, help_text=_("页面写作“近 80 座城市”"))
    )
    almost_campuses = plain(models.PositiveSmallIntegerField(_("近多少个校区"), default=200))
    visits_over = plain(
        models.PositiveIntegerField(_("超过多少人次"), default=1_000_000, help_text=_("按万取整来写"))
    )
    zone_title = plain(
        models.CharField(
            _("学习园地的标题"),
            max_length=30,
            blank=True,
            help_text=_("留空就不显示"),
            validators=CATALOGUE_TEXT,
        )
    )
    zone_text = plain(
        models.CharField(_("学习园地的介绍"), max_length=120, blank=True, validators=CATALOGUE_TEXT)
    )
    zone_link = plain(models.CharField(_("链接的文字"), max_length=20, blank=True))
    zone_address = plain(
        models.CharField(
            _("链接的地址"),
            max_length=200,
            blank=True,
            validators=[link_address],
            help_text=_("二维码由它生成；手机扫不到自己的屏幕，所以同时有一条链接"),
        )
    )
    changed_at = plain(models.DateTimeField(_("最近更新"), auto_now=True))

    class Meta:
        verbose_name = verbose_name_plural = _("网站文字")
        constraints = [
            models.CheckConstraint(name="site_text_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="site_text_zone_is_whole",
                condition=Q(zone_title="") | ~Q(zone_link="") & ~Q(zone_address=""),
                violation_error_message=_("学习园地有了标题，就还要有链接的文字和地址。"),
            ),
        ]

    class Privacy:
        app_rights = ("SELECT", "UPDATE")

    def __str__(self) -> str:
        return str(_("网站文字"))


class Ability(models.Model):
    """One of the abilities that classes practise."""

    id = plain(models.BigAutoField(primary_key=True))
    name = plain(models.CharField(_("名称"), max_length=10, unique=True))
    english_name = plain(models.CharField(_("英文名"), max_length=40))
    line = plain(models.CharField(_("一句话"), max_length=40, validators=CATALOGUE_TEXT))
    position = plain(models.PositiveSmallIntegerField(_("顺序")))

    class Meta:
        verbose_name = verbose_name_plural = _("元能力")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class LinkQuerySet(models.QuerySet[AnyLink]):
    """Links in the words of the pages."""

    def shown(self) -> Self:
        """Those that pages show, in order."""
        return self.filter(active=True).order_by("position", "pk")


class Link(models.Model):
    """Somebody the site names and may link to."""

    id = plain(models.BigAutoField(primary_key=True))
    name = plain(models.CharField(_("名称"), max_length=40, unique=True, validators=CATALOGUE_TEXT))
    position = plain(models.PositiveSmallIntegerField(_("顺序"), default=1))
    active = plain(models.BooleanField(_("显示"), default=True))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Partner(Link):
    """Whom we work with: named, never quoted."""

    logo_text = plain(models.CharField(_("标志文字"), max_length=20, blank=True, help_text=_("留空就用名称")))
    address = plain(models.CharField(_("网址"), max_length=200, blank=True, validators=[_outside]))

    objects = LinkQuerySet["Partner"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("合作方")
        ordering = ("position", "pk")


class FriendLink(Link):
    """A site the footer leads to."""

    address = plain(models.CharField(_("网址"), max_length=200, validators=[_outside]))

    objects = LinkQuerySet["FriendLink"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("友情链接")
        ordering = ("position", "pk")
