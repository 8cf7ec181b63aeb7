"""The site's words, figures, partners and links in the back office: for head office."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.audit.model_admin import AuditedModelAdmin, OneRowAdmin
from website.models import Ability, FriendLink, Partner, SiteText
from website.services.figures import find_drift


@admin.register(SiteText)
class SiteTextAdmin(OneRowAdmin):
    """Texts and figures, held once: pages show a change within a minute."""

    fieldsets = (
        (gettext_lazy("首页"), {"fields": ("slogan", "group_line")}),
        (gettext_lazy("介绍"), {"fields": ("about_heading", "about_english", "about")}),
        (gettext_lazy("理念"), {"fields": ("values_heading", "values_english", "values_line")}),
        (gettext_lazy("数字"), {"fields": ("founded_in", "almost_cities", "almost_campuses", "visits_over")}),
        (gettext_lazy("合作方"), {"fields": ("partners_heading", "partners_english")}),
        (gettext_lazy("学习园地"), {"fields": ("zone_title", "zone_text", "zone_link", "zone_address")}),
        (None, {"fields": ("changed_at",)}),
    )
    readonly_fields = ("changed_at",)

    def warnings(self) -> list[str]:
        sentences = {
            "cities": _("页面写着“近 %(said)d 座城市”，现在开放预约的有 %(there)d 座。请改一改数字。"),
            "campuses": _("页面写着“近 %(said)d 个校区”，现在开放的有 %(there)d 个。请改一改数字。"),
        }
        return [sentences[drift.of] % {"said": drift.said, "there": drift.there} for drift in find_drift()]


@admin.register(Ability)
class AbilityAdmin(AuditedModelAdmin):
    """The five abilities: reworded and reordered, not added to."""

    list_display = ("name", "english_name", "line", "position")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Partner, FriendLink)
class LinkAdmin(AuditedModelAdmin):
    """Whom the site names and leads to, in order; hidden ones stay here."""

    list_display: Any = ("name", "address", "position", "active")
    list_filter = ("active",)
