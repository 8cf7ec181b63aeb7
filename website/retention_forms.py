"""What the officers' pages of holds and remainders ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.form_fields import PhoneField, PlainCheckbox, PlainSelect
from privacy.rights.enums import LegalPurpose
from privacy.rights.services.restricting import AUTHORITY
from website.services.holding_desk import Party, Person

_NAME = 80  # characters of an authority or a document


def _words(label: Any, empty: Any, *, most: int = _NAME, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
        error_messages={"required": empty},
    )


def _review() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("哪一天复核"),
        help_text=gettext_lazy("一年以内。到了会提醒，不会自己解除，也不会自己延长"),
        widget=forms.DateInput(attrs={"class": "control", "type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("请填复核日期"),
            "invalid": gettext_lazy("请填日期，例如 2026-12-31"),
        },
    )


class PersonForm(forms.Form):
    """Whose records are to be kept."""

    phone = PhoneField(help_text=gettext_lazy("文书上写的完整手机号。只用来找，不进网址，查找有记录"))
    use_required_attribute = False


class HoldForm(forms.Form):
    """Which records, for which authority, by which document, until somebody has to look again."""

    person = forms.CharField(widget=forms.HiddenInput)
    records = forms.MultipleChoiceField(
        label=gettext_lazy("保存哪些记录"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选一种，只选文书要求的")},
    )
    authority = _words(gettext_lazy("哪个机关"), gettext_lazy("请写明是哪个机关"))
    document = _words(
        gettext_lazy("文书号"),
        gettext_lazy("请写文书号，没有文书不能保存"),
        hint=gettext_lazy("不要写案情，也不要写任何人的姓名"),
    )
    review_on = _review()
    may_tell = forms.BooleanField(
        label=gettext_lazy("文书没有禁止告诉本人"), required=False, widget=PlainCheckbox
    )
    use_required_attribute = False

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [choice for party in person.parties for choice in _kinds(party)]
        self.fields["records"].choices = choices  # type: ignore[attr-defined]  # a choice field's own

    def clean_records(self) -> list[tuple[int, str]]:
        """(number of the party, table) of each that was ticked."""
        chosen = (value.partition(":") for value in self.cleaned_data["records"])
        return [(int(number), label) for number, _colon, label in chosen]


def _kinds(party: Party) -> list[tuple[str, str]]:
    said = _("%(title)s，%(count)d 条") if not party.number else _("孩子 %(number)d：%(title)s，%(count)d 条")
    return [
        (f"{party.number}:{label}", said % {"number": party.number, "title": title, "count": count})
        for label, title, count in party.kinds
    ]


class ReviewForm(forms.Form):
    """That a hold still has to stand, and when to look again."""

    review_on = _review()
    use_required_attribute = False


class RemainderForm(forms.Form):
    """Whose remainders are read, for what, and by which document."""

    phone = PhoneField(help_text=gettext_lazy("当时的手机号。只拿来核对，不会留下"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("为了什么"),
        choices=[("", gettext_lazy("请选择")), *LegalPurpose.labelled()],
        widget=PlainSelect,
        error_messages={"required": gettext_lazy("请选一个，别的目的不能查")},
    )
    authority = _words(
        gettext_lazy("依据"),
        gettext_lazy("请写依据，例如案号或文书号"),
        most=AUTHORITY,
        hint=gettext_lazy("案号或文书号，40 个字以内。会先记下来，再显示内容"),
    )
    use_required_attribute = False
