"""The record in the admin, read only; and the base of every other admin page, which writes to it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from privacy.actors import Actor
from privacy.audit.models import AuditEvent
from privacy.audit.services import record


class AuditedModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument at run time
    """Admin pages whose every change is recorded with us, in its transaction, and not in Django's log."""

    # Django's own would return its log rows, which nobody reads.

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "added")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "changed")

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._note(request, obj, "deleted")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's own history is empty; ours is under 审计."""
        raise Http404

    def _note(self, request: HttpRequest, obj: Model, done: str) -> None:
        by = Actor(kind="staff", id=UUID(str(request.user.pk)))
        record(f"{obj._meta.model_name}.{done}", by=by, target=f"{obj._meta.label}:{obj.pk}")


class ReadOnlyAdmin(AuditedModelAdmin):
    """Rows that are looked at here and changed elsewhere or nowhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what, the newest first."""

    list_display = ("at", "action", "actor_kind", "target")
    list_filter = ("action", "actor_kind")
    date_hierarchy = "at"
    ordering = ("-seq",)
