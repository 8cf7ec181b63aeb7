"""The record in the back office: read, never written."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from privacy.audit.model_admin import ReadOnlyAdmin
from privacy.audit.models import AuditEvent

_ACTORS = {"guardian": _("监护人"), "staff": _("员工"), "system": _("系统"), "anonymous": _("未登录的人")}


class ActorFilter(admin.SimpleListFilter):
    """By who acted."""

    title = _("谁做的")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(_ACTORS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, the newest first. Deeds, rows and people go by their codes and random ids."""

    list_display = ("when", "deed", "who", "which")
    list_filter = (ActorFilter,)
    date_hierarchy = "at"
    search_fields = ("action__exact", "target__exact")
    search_help_text = _("做的事（例如 trial.cancelled），或对象的编号，要完整")
    ordering = ("-seq",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ("when", "deed", "who", "actor", "whose", "which", "details")
    readonly_fields = fields

    @admin.display(description=_("时间"), ordering="seq")
    def when(self, event: AuditEvent) -> datetime:
        return event.at

    @admin.display(description=_("做了什么"))
    def deed(self, event: AuditEvent) -> str:
        return event.action

    @admin.display(description=_("谁做的"))
    def who(self, event: AuditEvent) -> str:
        return str(_ACTORS.get(event.actor_kind, event.actor_kind))

    @admin.display(description=_("做的人的编号"))
    def actor(self, event: AuditEvent) -> str:
        return str(event.actor_id or "—")

    @admin.display(description=_("关于谁"))
    def whose(self, event: AuditEvent) -> str:
        return str(event.subject_id or "—")

    @admin.display(description=_("对象"))
    def which(self, event: AuditEvent) -> str:
        return event.target or "—"

    @admin.display(description=_("细节"))
    def details(self, event: AuditEvent) -> str:
        return "，".join(f"{name}={value}" for name, value in event.detail.items()) or "—"
