"""The bases of back-office pages whose rows belong to a campus: each member of staff reaches their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import IntegrityError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Campus, City
from courses.policies import CampusScope, campus_scope
from kit.constraints import broken
from privacy.audit.model_admin import AuditedModelAdmin

_MOST_CAMPUSES_LISTED = 20


@dataclass(frozen=True)
class Law:
    """What a law of the database says to a person, beside the field to correct if there is one."""

    words: str | Promise
    field: str | None = None


def scope_in(request: HttpRequest) -> CampusScope:
    """The scope of whoever asks; looked up once a request."""
    scope: CampusScope | None = getattr(request, "campus_scope", None)
    if scope is None:
        scope = campus_scope(request.user)
        request.campus_scope = scope  # type: ignore[attr-defined]  # our own attribute
    return scope


class LawfulForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's own class takes no argument at run time
    """A form whose last judge is the database: what that refused is a sentence beside its field."""

    refused: ClassVar[Law | None] = None

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        if self.refused:
            field = self.refused.field if self.refused.field in self.fields else None
            self.add_error(field, str(self.refused.words))
        return cleaned

    def _post_clean(self) -> None:
        # Django would name the constraint; `LawfulAdmin` says what to do.
        self.instance.validate_constraints = _left_to_the_database
        super()._post_clean()  # type: ignore[misc]  # not in the stubs


def _left_to_the_database(exclude: object = None) -> None:
    """Instead of a row's own check of its constraints."""


class LawfulAdmin(AuditedModelAdmin):
    """Rows that are changed here and retired rather than deleted. A page of no row is 404.

    ``laws`` translates the names of constraints: a write the database refuses shows the form again with
    everything typed and the sentence. Choices of other rows hold those that whoever asks may reach.
    """

    form = LawfulForm
    laws: ClassVar[Mapping[str, Law]] = {}
    show_facets = admin.ShowFacets.NEVER  # a count for each value of each filter

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            law = self.laws.get(broken(error))
            if law is None:
                raise
            request.refused = law  # type: ignore[attr-defined]  # our own attribute
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.refused = getattr(request, "refused", None)
        return form

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        """Choices of a related row: what its own page would list for whoever asks."""
        try:
            related = self.admin_site.get_model_admin(db_field.remote_field.model)
        except NotRegistered:
            return super().get_field_queryset(db, db_field, request)
        return related.get_queryset(request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without windows over the form: a related row is changed on its own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        wrapped: Any = getattr(field, "widget", None)
        if isinstance(wrapped, RelatedFieldWidgetWrapper):
            wrapped.can_add_related = wrapped.can_change_related = False
            wrapped.can_delete_related = wrapped.can_view_related = False
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ScopedModelAdmin(LawfulAdmin):
    """Rows of a campus: list, search, choices, filters, actions and single pages stay within the scope."""

    campus_path: ClassVar[str] = "campus"
    """The lookup that leads from a row to its campus."""

    deletable: ClassVar[bool] = False
    """Whether a row may go for good, by whoever has the right to delete it."""

    def within(self, rows: QuerySet[Any], scope: CampusScope) -> QuerySet[Any]:
        """Those of ``rows`` that ``scope`` reaches."""
        if scope.campus_ids is None:
            return rows
        return rows.filter(**{f"{self.campus_path}__in": scope.campus_ids})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.within(super().get_queryset(request), scope_in(request))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(super().has_view_permission(request, obj)) and self._reaches(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(super().has_change_permission(request, obj)) and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        allowed = self.deletable and admin.ModelAdmin.has_delete_permission(self, request, obj)
        return bool(allowed) and self._reaches(request, obj)

    def _reaches(self, request: HttpRequest, obj: Model | None) -> bool:
        scope = scope_in(request)
        if obj is None or obj._state.adding or scope.is_everything:
            return True
        return self.within(self.model._default_manager.filter(pk=obj.pk), scope).exists()


class CityFilter(admin.SimpleListFilter):
    """By city: those in scope, and the city of each row stands under ``city_path``."""

    title = _("城市")
    parameter_name = "city"
    path = "city"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        scope = scope_in(request)
        cities = City.objects.order_by("syllables", "slug")
        if not scope.is_everything:
            cities = cities.filter(pk__in=scope.city_ids)
        return _a_choice(cities.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.path}__slug": self.value()}) if self.value() else queryset


class CityOfCampusFilter(CityFilter):
    """By the city of a row's campus."""

    path = "campus__city"


class CampusFilter(admin.SimpleListFilter):
    """By campus: those in scope; where they are many, those of the city chosen."""

    title = _("校区")
    parameter_name = "campus"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        campuses = Campus.objects.within(scope_in(request).campus_ids).order_by("city__syllables", "name")
        if self.value():
            return list(campuses.filter(slug=self.value()).values_list("slug", "name"))
        if city := request.GET.get("city"):
            campuses = campuses.filter(city__slug=city)
        found = list(campuses.values_list("slug", "name")[: _MOST_CAMPUSES_LISTED + 1])
        return _a_choice(found) if len(found) <= _MOST_CAMPUSES_LISTED else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(campus__slug=self.value()) if self.value() else queryset


def _a_choice(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those found, if there is anything to choose."""
    choices = list(found)
    return choices if len(choices) > 1 else []
