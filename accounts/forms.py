"""The forms by which guardians prove a number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.form_fields import AgreementField, CodeField, PhoneField


class LoginForm(forms.Form):
    """A number and its code."""

    phone = PhoneField(label=_("手机号"), help_text=_("用预约时留的那个号码"))
    code = CodeField(label=_("验证码"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and not self.data.get("challenge"):
            self.fields["code"].error_messages["required"] = _("先点“获取验证码”，再填短信里的 6 位数字")


class AgreementsForm(forms.Form):
    """What a number without an account agrees to before it gets one. The versions shown come back with it."""

    agree_terms = AgreementField(
        label=_("用户协议"), error_messages={"required": _("还没有勾选同意《用户协议》")}
    )
    agree_privacy = AgreementField(
        label=_("隐私政策"), error_messages={"required": _("还没有勾选同意《隐私政策》")}
    )
    terms_version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    privacy_version = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def agreements(self, current: dict[str, str]) -> dict[str, str]:
        """Each document and the version that was shown; ``current`` fills in what a caller left out."""
        return {
            document: self.cleaned_data[f"{document}_version"] or current[document]
            for document in ("terms", "privacy")
        }
