"""The record in the back office: read, never written."""

from django.contrib import admin

from privacy.audit.model_admin import ReadOnlyAdmin
from privacy.audit.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, the newest first."""

    list_display = ("at", "action", "actor_kind", "target")
    list_filter = ("action", "actor_kind")
    date_hierarchy = "at"
    ordering = ("-seq",)
