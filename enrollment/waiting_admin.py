"""The waiting list in the back office: to look at. Families join, leave and answer by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.services.guardians import masked_phone_of, masked_phones_of
from courses.policies import CampusScope
from courses.scoped_admin import ScopedModelAdmin, scope_in
from enrollment.models import WaitlistChoice, WaitlistEntry, WaitlistEntryQuerySet
from privacy.audit.model_admin import ReadOnlyAdmin


class EntryList(ChangeList):
    """A page of entries with the numbers of its families, read together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        numbers = masked_phones_of(row.guardian_id for row in rows)
        for row in rows:
            row.masked_number = numbers.get(row.guardian_id, "")
        self.result_list = rows


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(ReadOnlyAdmin, ScopedModelAdmin):
    """The newest first, numbers masked. A campus sees who waits for its classes, and those classes alone."""

    list_display = ("joined", "state", "masked", "classes", "channel")
    list_filter = ("state",)
    ordering = ("-joined_at", "-pk")
    fields = ("joined", "state", "number", "classes", "channel", "closed_at")
    readonly_fields = fields

    def within(self, rows: Any, scope: CampusScope) -> QuerySet[Any]:
        """Those of a class at one of the campuses."""
        entries: WaitlistEntryQuerySet = rows
        return entries.within(scope.campus_ids)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the classes that whoever asks may know of."""
        choices = WaitlistChoice.objects.of_campuses(scope_in(request).campus_ids)
        return super().get_queryset(request).prefetch_related(Prefetch("choices", choices, to_attr="seen"))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EntryList

    @admin.display(description=_("加入时间"), ordering="joined_at")
    def joined(self, entry: WaitlistEntry) -> str:
        return f"{timezone.localtime(entry.joined_at):%Y-%m-%d %H:%M}"

    @admin.display(description=_("手机号"))
    def masked(self, entry: Any) -> str:
        return entry.masked_number or "—"

    @admin.display(description=_("手机号"))
    def number(self, entry: WaitlistEntry) -> str:
        return masked_phone_of(entry.guardian_id) or "—"

    @admin.display(description=_("在等的课"))
    def classes(self, entry: Any) -> str:
        sessions = [choice.session for choice in entry.seen]
        return "；".join(
            f"{one.campus.name} {timezone.localtime(one.starts_at):%m-%d %H:%M} {one.course.name}"
            for one in sessions
        )
