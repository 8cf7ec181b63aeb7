"""What may be said of the child in the trial form: nothing has to be, and nothing is kept without a tick."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _

from kit.form_fields import ECHO_LIMIT, AgreementField
from privacy.minors.exceptions import ChildInvalid
from privacy.minors.services import ChildView
from privacy.minors.typed import NO_MONTH, NO_NICKNAME, month_from, nickname_from

TYPED = ("child_nickname", "child_birth_month")
CHILD_FIELDS = ("child", *TYPED, "agree_children", "children_version")


class _Typed(forms.CharField):
    """Shows again what was typed, as it was."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        shown = super().bound_data(data, initial)
        return shown[:ECHO_LIMIT].replace("\x00", "") if isinstance(shown, str) else shown


class NicknameField(_Typed):
    """What the child is called at home; cleans to one spelling, or to nothing."""

    widget = forms.TextInput({"class": "control", "autocomplete": "off", "maxlength": 60})
    default_error_messages: ClassVar[dict[str, Any]] = {"required": NO_NICKNAME}

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("小名"), **options)

    def clean(self, value: Any) -> str:
        text = str(value or "")[:ECHO_LIMIT]
        try:
            return nickname_from(text) if text.strip() else ""
        except ChildInvalid as wrong:
            raise forms.ValidationError(str(wrong.hint)) from wrong


class BirthMonthField(_Typed):
    """A year and a month, never a day; cleans to the first day of that month, or to None."""

    widget = forms.TextInput({"type": "month", "class": "control", "autocomplete": "off"})
    default_error_messages: ClassVar[dict[str, Any]] = {"required": NO_MONTH}

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("出生年月"), **options)

    def clean(self, value: Any) -> date | None:
        text = str(value or "")[:ECHO_LIMIT]
        try:
            return month_from(text) if text.strip() else None
        except ChildInvalid as wrong:
            raise forms.ValidationError(str(wrong.hint)) from wrong


class OnFile(forms.RadioSelect):
    """Children to choose one of."""

    def id_for_label(self, id_: str, index: str | None = "0") -> str:
        """The first one's control, where an error leads to."""
        return super().id_for_label(id_, index)


class ChildFields(forms.Form):
    """The child's fields: one on file to choose, or a nickname and a month, and the rules to agree to."""

    child = forms.ChoiceField(label=_("给哪个孩子约"), required=False, widget=OnFile)
    child_nickname = NicknameField(help_text=_("平时怎么叫就怎么写，不用真名"), required=False)
    child_birth_month = BirthMonthField(
        help_text=_("例如 2021-05，不用填哪一天；用来看这节课适不适合"), required=False
    )
    agree_children = AgreementField(label=_("儿童个人信息规则"), required=False)
    children_version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    refuses_children = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, children: Callable[[], Sequence[ChildView]] | None = None, **kwargs: Any
    ) -> None:
        """``children`` reads those on file, and is called only where they are shown or one was chosen."""
        super().__init__(*args, **kwargs)
        if children is None:
            del self.fields["child"]
            return
        field = cast(forms.ChoiceField, self.fields["child"])

        def on_file() -> list[tuple[str, Any]]:
            known = [(child.public_id, child.nickname) for child in children()]
            return [*known, ("", _("先不说"))] if known else []

        field.choices = on_file

    @property
    def says_something(self) -> bool:
        """Whether anything was typed about a child."""
        return any(str(self.data.get(name, "")).strip() for name in TYPED)

    @property
    def child_shown(self) -> bool:
        """Whether the child's fields are to be seen: after agreeing, or when something stands in them."""
        return bool(self.data.get("agree_children")) or self.says_something

    def clean(self) -> dict[str, Any]:
        """A nickname and a month come together, and only with the rules ticked."""
        cleaned = super().clean() or {}
        if not self.says_something or cleaned.get("child"):
            return cleaned
        for name, words in (
            (TYPED[0], _("请也填小名，或者两项都不填")),
            (TYPED[1], _("请也填出生年月，或者两项都不填")),
        ):
            if not str(self.data.get(name, "")).strip():
                self.add_error(name, str(words))
        if not cleaned.get("agree_children"):
            self.add_error(
                "agree_children", _gettext("填了孩子的信息，就要勾选这一项；不想勾选，把孩子的信息清空就行")
            )
        return cleaned
