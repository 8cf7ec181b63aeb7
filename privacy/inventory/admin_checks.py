"""The admin reads attributes, and an attribute opens: there, sealed fields are shown through their mask."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import flatten, flatten_fieldsets
from django.core.checks import Error

from privacy.inventory.pages import sealed_fields_of


def sealed_in_admin() -> Iterator[Error]:
    """No admin class names a sealed field where Django would show or search it."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.sites import all_sites

    for site in all_sites:
        for model, model_admin in site._registry.items():
            sealed = {field.name for field in sealed_fields_of(model)}
            for name in sorted(sealed & _shown(model_admin)):
                yield Error(
                    f"{type(model_admin).__name__} shows {model._meta.label}.{name}, which is sealed.",
                    hint="Name masked(…) of privacy.inventory.masking instead.",
                    obj=type(model_admin),
                    id="privacy.E016",
                )


def _shown(model_admin: Any) -> set[str]:
    fieldsets = flatten_fieldsets(model_admin.fieldsets) if model_admin.fieldsets else []
    named = [
        *model_admin.list_display,
        *model_admin.readonly_fields,
        *flatten(model_admin.fields or []),
        *fieldsets,
        *model_admin.search_fields,
        *model_admin.list_filter,
        *(model_admin.ordering or []),
    ]
    return {str(name).lstrip("-^=@").split("__")[0] for name in named if isinstance(name, str)}
