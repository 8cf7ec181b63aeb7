"""Form fields and the renderer that draws them: label, hint, error and control, tied together.

A template writes ``{{ form.phone.as_field_group }}`` or includes ``components/field.html``, never an input by
hand. Only the server judges fields, so no widget carries ``required``. What was typed is shown again as it
was typed, up to `ECHO_LIMIT` characters.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.phone import PhoneInvalid, normalise

Text = str | Promise
ECHO_LIMIT = 200  # characters of a wrong answer that are shown again
CODE_LENGTH = 6
PLEASE_CHOOSE = gettext_lazy("请选择")

_YES = {"on", "true", "1", "yes", "y"}  # a browser posts the first
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


class FieldRenderer(DjangoTemplates):
    """Draws fields with ``components/field.html``; widgets keep Django's own templates."""

    field_template_name = "components/field.html"

    def get_template(self, template_name: str) -> Any:
        """The template of that name: Django's widgets, the admin's too, from Django; the project's else."""
        if template_name.startswith(("django/forms/", "admin/widgets/")):
            return super().get_template(template_name)
        return get_template(template_name)


class _ServerJudged(forms.Widget):
    """A control the browser does not judge."""

    def use_required_attribute(self, initial: object) -> bool:
        return False


class PhoneInput(_ServerJudged, forms.TextInput):
    """A telephone keyboard; whatever spelling is typed stays."""

    input_type = "tel"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        base = {"class": "control", "autocomplete": "tel", "inputmode": "tel", "enterkeyhint": "next"}
        super().__init__({**base, **(attrs or {})})


class CodeInput(_ServerJudged, forms.TextInput):
    """One field for all digits, filled by the phone from the message where it can."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        base = {"class": "control control-code", "autocomplete": "one-time-code", "inputmode": "numeric"}
        super().__init__({**base, **(attrs or {})})


class PlainSelect(_ServerJudged, forms.Select):
    """A drop-down list."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"class": "control", **(attrs or {})}, choices)


class PlainCheckbox(_ServerJudged, forms.CheckboxInput):
    """A box to tick. Only a plain yes counts as one: Django's own takes every word but "false" for a tick."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return str(data.get(name, "")).strip().casefold() in _YES


class _Echo(forms.Field):
    """Shows a wrong answer again, without control characters and never at any length."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        shown = super().bound_data(data, initial)
        return shown[:ECHO_LIMIT].replace("\x00", "") if isinstance(shown, str) else shown


class PhoneField(_Echo, forms.CharField):
    """A mainland mobile number in any spelling; cleans to E.164. What is wrong is said by `kit.phone`."""

    widget = PhoneInput
    default_error_messages = {"required": gettext_lazy("请填手机号")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("手机号"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        try:
            return normalise(text)
        except PhoneInvalid as error:
            raise forms.ValidationError(str(error.hint), code="phone_invalid") from error


class CodeField(_Echo, forms.CharField):
    """The digits of a code, full-width or spaced as they come; cleans to ASCII digits."""

    widget = CodeInput
    default_error_messages = {"required": gettext_lazy("请填短信里的 6 位数字")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("短信验证码"))
        kwargs.setdefault("help_text", gettext_lazy("先获取验证码，再填短信里的 6 位数字"))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        text = _compact(super().to_python(value) or "")
        if not text:
            return ""
        if not (text.isascii() and text.isdigit()):
            raise forms.ValidationError(_("验证码只有数字，请再看一眼短信"), code="code_invalid")
        if len(text) != CODE_LENGTH:
            raise forms.ValidationError(_digits_off(len(text)), code="code_invalid")
        return text


class SelectField(_Echo, forms.ChoiceField):
    """One of a list that opens with a line asking to choose. ``choices`` may be a callable; see `grouped`."""

    widget = PlainSelect
    default_error_messages = {
        "required": gettext_lazy("请选一项"),
        "invalid_choice": gettext_lazy("列表里没有这一项，请重新选"),
    }

    def __init__(self, *, choices: Any, placeholder: Text = PLEASE_CHOOSE, **kwargs: Any) -> None:
        super().__init__(choices=_with_placeholder(choices, placeholder), **kwargs)


class AgreementField(forms.BooleanField):
    """A box that stands for consent: never ticked beforehand, whatever ``initial`` says."""

    widget = PlainCheckbox
    default_error_messages = {"required": gettext_lazy("这一项还没有勾选")}

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        form.initial.pop(field_name, None)
        self.initial = False
        return super().get_bound_field(form, field_name)


def grouped(rows: Iterable[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices under headings, from (heading, value, label) rows already in order."""
    return [
        (heading, [(value, label) for _heading, value, label in group])
        for heading, group in groupby(rows, key=lambda row: row[0])
    ]


def _compact(text: str) -> str:
    """Without spaces and unseen characters, every script's digits as ASCII ones."""
    bare = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:ECHO_LIMIT]))
    return "".join(str(unicodedata.decimal(character, character)) for character in bare)


def _digits_off(actual: int) -> str:
    if actual < CODE_LENGTH:
        return _("验证码少了 %d 位，请检查") % (CODE_LENGTH - actual)
    return _("验证码多了 %d 位，请检查") % (actual - CODE_LENGTH)


def _with_placeholder(choices: Any, placeholder: Text) -> Callable[[], list[Any]]:
    """``choices`` read anew for every form, after a line with an empty value."""

    def read() -> list[Any]:
        return [("", placeholder), *(choices() if callable(choices) else choices)]

    return read
