"""The form by which a guardian puts a child down, or right. What is typed is kept in the vault alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enrollment.child_fields import BirthMonthField, NicknameField
from kit.form_fields import AgreementField
from privacy.consent.enums import Document
from privacy.consent.services import current_notices


def rules_in_force() -> str:
    """The version of the children's rules that has to be agreed to today."""
    return next(notice.version for notice in current_notices() if notice.document == Document.CHILDREN)


class ChildForm(forms.Form):
    """A nickname and a month, under the children's rules where they still have to be agreed to."""

    child_nickname = NicknameField(help_text=_("平时怎么叫就怎么写，最多 12 个字，不用真名"))
    child_birth_month = BirthMonthField(help_text=_("例如 2021-05，不用填哪一天"))
    agree_children = AgreementField(
        label=_("儿童个人信息规则"), error_messages={"required": _("要保存，先看过并勾选这一项")}
    )
    children_version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, *args: Any, agreed: bool = False, **kwargs: Any) -> None:
        """``agreed``: the guardian's yes to the rules in force stands, and is not asked for again."""
        super().__init__(*args, **kwargs)
        if agreed:
            del self.fields["agree_children"], self.fields["children_version"]

    def clean(self) -> dict[str, Any]:
        """Both are needed; a blank is nothing."""
        cleaned = super().clean() or {}
        for name in ("child_nickname", "child_birth_month"):
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, str(self.fields[name].error_messages["required"]))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What services take."""
        cleaned = self.cleaned_data
        version = cleaned.get("children_version") or rules_in_force()
        return {
            "nickname": cleaned["child_nickname"],
            "birth_month": cleaned["child_birth_month"],
            "agreements": {Document.CHILDREN: version} if cleaned.get("agree_children") else {},
        }

    def asked_again(self) -> ChildForm:
        """The same with the rules to agree to anew, in the version in force; everything typed is kept."""
        typed = {name: self.data.get(name, "") for name in ("child_nickname", "child_birth_month")}
        data = {**typed, "children_version": rules_in_force()}
        form = ChildForm(data)
        form.full_clean()
        form.errors.clear()
        return form


class JoinForm(forms.Form):
    """The yes by which an invited guardian joins: to the children's rules, in the version shown."""

    agree_children = AgreementField(
        label=_("儿童个人信息规则"), error_messages={"required": _("要加入，先看过并勾选这一项")}
    )
    children_version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    use_required_attribute = False

    def agreements(self) -> dict[str, str]:
        """What services take."""
        return {Document.CHILDREN: self.cleaned_data.get("children_version") or rules_in_force()}

    @classmethod
    def asked_again(cls) -> JoinForm:
        """The rules to agree to anew, in the version in force."""
        form = cls({"children_version": rules_in_force()})
        form.full_clean()
        form.errors.clear()
        return form
