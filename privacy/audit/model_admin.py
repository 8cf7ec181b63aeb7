"""The bases of every page of the back office: whatever they change is recorded."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from kit.few_pages import FewPages
from privacy.actors import Actor
from privacy.audit.services import DetailValue, record
from privacy.inventory.registry import subject_path

# What the calendar above a list may ask for: further off Python has no dates to reckon with.
_CALENDAR = {"year": r"[12][0-9]{3}", "month": r"[0-9]{1,2}", "day": r"[0-9]{1,2}"}


class AuditedModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own class takes no argument at run time
    """Admin pages whose every change is recorded with us, in its transaction, and not in Django's log."""

    view_on_site: Any = False  # the site has no such address; a page that wants one names its own
    paginator = FewPages
    show_full_result_count = False  # as the paginator: a long table is not counted for a number nobody needs

    # Django's own would return its log rows, which nobody reads.

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "added")

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._note(request, obj, "changed", dict.fromkeys(message, "changed"))

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for obj in queryset:
            self._note(request, obj, "deleted")

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """The names of the fields that changed and of the rows below them, without what they hold."""
        below = [formset for formset in formsets or () if formset.has_changed()]
        return [*form.changed_data, *(formset.model._meta.model_name for formset in below)]

    def warn(self, request: HttpRequest) -> None:
        """Say on the back office's first page what should be known of these rows: as a rule, nothing."""

    def detail_of(self, obj: Any) -> Mapping[str, DetailValue]:
        """What the record of each deed says of the row besides: flags, counts and ids."""
        return {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """What the list's own filters ask. Any other would tell of columns that are not shown."""
        return lookup in {*self._filtered_by(request), *self._calendar()}

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        for name, shape in self._calendar().items():
            if not all(re.fullmatch(shape, value) for value in request.GET.getlist(name)):
                raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def _calendar(self) -> dict[str, str]:
        day = self.date_hierarchy
        return {f"{day}__{part}": shape for part, shape in _CALENDAR.items()} if day else {}

    def _filtered_by(self, request: HttpRequest) -> Iterator[str]:
        for one in self.get_list_filter(request):
            if not isinstance(one, str):
                yield one.parameter_name  # type: ignore[union-attr]  # ours are all of this kind
                continue
            field: Any = get_fields_from_path(self.model, one)[-1]
            yield f"{one}__{field.target_field.name}__exact" if field.is_relation else f"{one}__exact"
            yield f"{one}__isnull"

    def get_actions(self, request: HttpRequest) -> Any:
        """Without Django's deleting in bulk, which neither asks a service nor stands in one transaction."""
        return {
            name: action for name, action in super().get_actions(request).items() if name != "delete_selected"
        }

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Django's own history is empty; ours is under 审计."""
        raise Http404

    def _note(
        self, request: HttpRequest, obj: Model, done: str, detail: Mapping[str, DetailValue] | None = None
    ) -> None:
        by = Actor(kind="staff", id=UUID(str(request.user.pk)))
        whose = subject_path(type(obj))
        subject = getattr(obj, whose) if whose and "." not in whose else None
        said = {**self.detail_of(obj), **(detail or {})}
        record(f"{obj._meta.model_name}.{done}", by=by, subject=subject, target=obj, detail=said)


class ReadOnlyAdmin(AuditedModelAdmin):
    """Rows that are looked at here and changed elsewhere or nowhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OneRowAdmin(AuditedModelAdmin):
    """A table of one row: its list leads straight there. None is added and none deleted."""

    def warnings(self) -> list[str]:
        """What is no mistake of a field and still wrong; said to whoever may change the row."""
        return []

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        only = self.get_queryset(request).get()
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", only.pk)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if request.method == "GET":
            self.warn(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def warn(self, request: HttpRequest) -> None:
        """Say what is wrong to somebody who may put it right."""
        if self.has_change_permission(request):
            for warning in self.warnings():
                self.message_user(request, warning, messages.WARNING)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
