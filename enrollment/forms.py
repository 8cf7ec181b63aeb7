"""The trial form: five fields, and nothing about the child."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AgreementsForm, LoginForm
from courses.models import City
from kit.form_fields import SelectField, grouped


def city_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Cities that can be chosen, under their initials."""
    cities = City.objects.bookable().values_list("initial", "slug", "name")
    return grouped(cities)


class TrialForm(AgreementsForm, LoginForm):
    """Number, code, city and the agreements. Whatever else is posted is ignored and stored nowhere."""

    city = SelectField(
        label=_("城市"),
        choices=city_choices,
        placeholder=_("请选择城市"),
        error_messages={"required": _("还没有选城市")},
    )

    field_order = ["phone", "code", "city", "agree_terms", "agree_privacy"]

    def __init__(self, *args: Any, known: bool = False, **kwargs: Any) -> None:
        """``known``: the number has been proved in this browser, so neither it nor a code is asked for."""
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("用来验证、登录和与您约课；只有我们和您所选城市的校区会用到")
        if known:
            del self.fields["phone"], self.fields["code"]

    def clean_city(self) -> City:
        city = City.objects.bookable().filter(slug=self.cleaned_data["city"]).first()
        if city is None:
            raise forms.ValidationError(_("这个城市刚刚停止接受预约，请换一个"))
        return city
