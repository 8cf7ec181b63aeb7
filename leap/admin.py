"""The staff's site: Django's admin under our name."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.staff_login import StaffLoginForm
from privacy.actors import Actor
from privacy.audit.model_admin import AuditedModelAdmin
from privacy.audit.services import record
from website.presenters.requests import pressing


class StaffAdminSite(AdminSite):
    """Back-office work of campus staff and privacy officers."""

    site_title = _("励步工作台")
    site_header = _("励步工作台")
    index_title = _("今天要做的事")
    empty_value_display = "—"
    login_form = StaffLoginForm

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """As Django's, and recorded."""
        with transaction.atomic():
            response = super().password_change(request, extra_context)
            if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
                by = Actor(kind="staff", id=UUID(str(request.user.pk)))
                record("user.password_changed", by=by, subject=by.id)
        return response

    def get_urls(self) -> list[Any]:
        """Without Django's way to any row's public page, which asks nobody whose row that is."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """As Django's; whoever may put something right that went wrong, or has to hurry, is told first."""
        for page in self._registry.values():
            if isinstance(page, AuditedModelAdmin):
                page.warn(request)
        if words := pressing(request.user, at=timezone.now()):
            messages.warning(request, words)
        return super().index(request, extra_context)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Takes only pages whose changes are recorded: Django brings some of its own along, for groups."""
        if admin_class is not None and issubclass(admin_class, AuditedModelAdmin):
            super().register(model_or_iterable, admin_class, **options)
