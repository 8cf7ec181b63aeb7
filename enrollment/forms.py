"""The trial form: number, code and city are enough; a class and the child are there for who wants them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import AgreementsForm, LoginForm
from courses.models import Campus, City
from enrollment.class_words import ClassCard
from enrollment.models import ClassSession
from enrollment.services.classes import find_class
from enrollment.sibling_fields import SIBLING_FIELDS, SiblingFields
from kit.form_fields import SelectField, grouped

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NUMBER = ("phone", "code")
_AGREEMENTS = ("agree_terms", "agree_privacy", "terms_version", "privacy_version")


def city_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Cities that can be chosen, under their initials."""
    cities = City.objects.bookable().values_list("initial", "slug", "name")
    return grouped(cities)


def is_name(text: str) -> bool:
    """Whether a row could go by this name in addresses."""
    return _NAME.fullmatch(text) is not None


def source_of(text: str) -> str:
    """What a poster's address says it is, if that can be one of ours; nothing otherwise."""
    return text if _SOURCE.fullmatch(text) else ""


class Cards(forms.RadioSelect):
    """Classes to choose one of. Nothing posted means that nothing was chosen."""

    def id_for_label(self, id_: str, index: str | None = "0") -> str:
        """The first card's control, where an error leads to."""
        return super().id_for_label(id_, index)

    def format_value(self, value: Any) -> list[str]:
        """An empty text is the card without a class, None is no card at all."""
        return [] if value is None else [str(value)]

    def use_required_attribute(self, initial: object) -> bool:
        """Only the server judges fields."""
        return False


class TrialForm(SiblingFields, AgreementsForm, LoginForm):
    """What is posted to book. Whatever else comes along is ignored and stored nowhere."""

    city = SelectField(label=_("城市"), choices=city_choices, placeholder=_("请选择城市"), required=False)
    campus = forms.Field(required=False)
    session = forms.Field(required=False, widget=Cards)
    pick = forms.BooleanField(required=False)
    """The page offered classes to choose from, so the class brings its own place along."""
    channel = forms.Field(required=False)

    field_order = ["phone", "code", "city", "session", "child", "child_nickname", "child_birth_month",
                   "siblings", *SIBLING_FIELDS, "agree_children", "agree_terms", "agree_privacy"]  # fmt: skip

    def __init__(self, *args: Any, known: bool = False, agreed: bool = False, **kwargs: Any) -> None:
        """``known``: the number has been proved in this browser, so neither it nor a code is asked for.

        ``agreed``: the agreements in force stand, so nothing is ticked again.
        """
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("用来验证、登录和与您约课；只有我们和您所选城市的校区会用到")
        for name in (*(_NUMBER if known else ()), *(_AGREEMENTS if agreed else ())):
            del self.fields[name]

    @property
    def known(self) -> bool:
        """Whether the number needs no proof here."""
        return "phone" not in self.fields

    def given(self, current: Mapping[str, str]) -> dict[str, str]:
        """Each document agreed to here and the version that was shown, else the ``current`` one."""
        ticked = [name for name in current if self.cleaned_data.get(f"agree_{name}")]
        return {name: self.cleaned_data[f"{name}_version"] or current[name] for name in ticked}

    def offer(self, cards: Iterable[ClassCard], *, or_call: str) -> None:
        """Let one of ``cards`` be chosen, or none of them, in the words of ``or_call`` unless it is empty."""
        choices: list[tuple[str, Any]] = [(card.public_id, card) for card in cards]
        if or_call:
            choices.append(("", or_call))
        self.fields["session"].widget.choices = choices

    def clean_city(self) -> City | None:
        slug = self.cleaned_data["city"]
        city = City.objects.bookable().filter(slug=slug).first() if slug else None
        if slug and city is None:
            raise forms.ValidationError(_gettext("这个城市刚刚停止接受预约，请换一个"))
        return city

    def clean_session(self) -> ClassSession | None:
        name = self.cleaned_data["session"]
        session = find_class(public_id=name) if name and is_name(name) else None
        if name and session is None:
            raise forms.ValidationError(_gettext("没有找到这节课，请换一节"))
        return session

    def clean_channel(self) -> str:
        return source_of(self.cleaned_data["channel"] or "")

    def clean(self) -> dict[str, Any]:
        """The place is the class's, else the campus's, else the city chosen; there has to be one."""
        cleaned = super().clean() or {}
        session = cleaned.get("session")
        cleaned["campus"] = self._campus(cleaned.get("campus") or "")
        place = session.campus if session is not None else cleaned["campus"]
        if cleaned.get("pick") and "session" not in self.data:
            self.add_error("session", _gettext("还没有选时间"))
        if place is not None:
            if not (session is not None and cleaned.get("pick")):
                self._check_place(place, "session" if session is not None else None)
            cleaned["city"], cleaned["campus"] = place.city, place
        elif cleaned.get("city") is None and not {"city", "session"} & set(self.errors):
            self.add_error("city", _gettext("还没有选城市"))
        return cleaned

    def _campus(self, slug: str) -> Campus | None:
        named = Campus.objects.open_to_parents().filter(slug=slug)
        campus = named.first() if slug and is_name(slug) else None
        if slug and campus is None:
            self.add_error(None, _gettext("这个校区现在不接受预约，请换一个"))
        return campus

    def _check_place(self, place: Campus, field: str | None) -> None:
        """What was posted beside a class or a campus may not say that it is elsewhere."""
        city, campus = self.cleaned_data.get("city"), self.cleaned_data.get("campus")
        if campus is not None and campus != place:
            words = {"there": place.name, "here": campus.name}
        elif city is not None and city != place.city:
            words = {"there": place.city.name, "here": city.name}
        else:
            return
        self.add_error(field, _gettext("这节课在%(there)s，和选的%(here)s对不上，请再看一眼") % words)
