"""What the page of the day asks: which campus, and whom somebody looks for. Both stand in its address."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Campus
from kit.form_fields import PlainSelect, grouped


class FindForm(forms.Form):
    """A family by the end of its number, or by its reference."""

    q = forms.CharField(
        label=gettext_lazy("手机尾号或预约号"),
        help_text=gettext_lazy("例如 8000，或 K7-305214"),
        max_length=12,
        widget=forms.TextInput(
            attrs={
                "class": "control",
                "type": "search",
                "autocomplete": "off",
                "autocapitalize": "characters",
            }
        ),
    )


class CampusForm(forms.Form):
    """One of the campuses, under their cities."""

    campus = forms.ChoiceField(label=gettext_lazy("校区"), widget=PlainSelect)

    def __init__(self, campuses: Sequence[Campus], *, chosen: str, all_shown: bool) -> None:
        """``all_shown``: the page shows every one of them when none is chosen."""
        super().__init__(initial={"campus": chosen})
        none = _("全部 %d 个校区") % len(campuses) if all_shown else _("请选择")
        rows = ((campus.city.name, campus.slug, campus.name) for campus in campuses)
        self.fields["campus"].widget.choices = [("", none), *grouped(rows)]
