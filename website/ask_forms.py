"""The forms of the door without a login: what it is about, how to prove a number, what answers a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.form_fields import CodeField, PhoneField
from privacy.rights.enums import OPEN_TO_ALL, RIGHTS, OnBehalf, RequestKind
from privacy.rights.models.requests import WORDS
from privacy.rights.services.door import tidied

# As people would begin; what the law calls it stands in `RequestKind`.
TALK: dict[RequestKind, str | Promise] = {
    RequestKind.QUESTION: gettext_lazy("有问题想问"),
    RequestKind.SUGGESTION: gettext_lazy("提个建议"),
    RequestKind.COMPLAINT: gettext_lazy("投诉"),
    RequestKind.LEAK: gettext_lazy("怀疑信息泄露"),
    RequestKind.MISUSE: gettext_lazy("账号被人冒用"),
    RequestKind.FLAW: gettext_lazy("发现安全漏洞"),
}
CLAIMS: dict[RequestKind, str | Promise] = {
    RequestKind.ACCESS: gettext_lazy("查看我的信息"),
    RequestKind.EXPORT: gettext_lazy("拿一份副本"),
    RequestKind.RECTIFY: gettext_lazy("更正、补充"),
    RequestKind.ERASE: gettext_lazy("删除"),
    RequestKind.RESTRICT: gettext_lazy("限制使用"),
    RequestKind.WITHDRAW: gettext_lazy("撤回同意"),
    RequestKind.CLOSE_ACCOUNT: gettext_lazy("注销账号"),
    RequestKind.TRANSFER: gettext_lazy("转给别的机构"),
    RequestKind.EXPLAIN: gettext_lazy("解释规则"),
    RequestKind.UNLAWFUL: gettext_lazy("认为处理违法"),
}
# Without words nobody would know what is meant.
_SAY_WHAT = (*TALK, RequestKind.RECTIFY, RequestKind.TRANSFER, RequestKind.UNLAWFUL)
_ASK_WHO = tuple(kind for kind in RIGHTS if kind not in OPEN_TO_ALL)


class WordsField(forms.CharField):
    """What somebody writes to us, at its whole length where it has to be shown again."""

    widget = forms.Textarea(attrs={"class": "control", "rows": 5})

    def __init__(self, **options: Any) -> None:
        too_long = gettext_lazy("最多 %(limit_value)d 个字，现在 %(show_value)d 个，请删减一些")
        # No max_length: browsers would cut off without a word what is pasted.
        super().__init__(validators=[MaxLengthValidator(WORDS, too_long)], **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class AskForm(forms.Form):
    """Anything anybody wants of us. Only what it is about has to be said, and words where it needs them."""

    use_required_attribute = False

    about = forms.MultipleChoiceField(
        label=gettext_lazy("想说哪件事"),
        choices=[(kind.value, words) for kind, words in {**TALK, **CLAIMS}.items()],
        error_messages={
            "required": gettext_lazy("请选一件事，不知道选哪个就选“有问题想问”"),
            "invalid_choice": gettext_lazy("列表里没有这一项，请重新选"),
        },
        widget=forms.CheckboxSelectMultiple,
    )
    words = WordsField(
        label=gettext_lazy("具体情况"),
        required=False,
        help_text=gettext_lazy(
            "发生了什么，想让我们做什么。请不要写验证码、身份证号，也不要写孩子的姓名和生日。"
        ),
    )
    phone = PhoneField(
        label=gettext_lazy("手机号（可以不填）"),
        required=False,
        help_text=gettext_lazy("方便我们找您核对。不填也照样办理，凭回执号就能看到进展。"),
    )
    for_whom = forms.ChoiceField(
        label=gettext_lazy("为谁办"),
        choices=[
            (OnBehalf.SELF.value, gettext_lazy("我自己")),
            (OnBehalf.WARD.value, gettext_lazy("我监护的孩子")),
            (OnBehalf.DECEASED.value, gettext_lazy("已去世的近亲属")),
        ],
        initial=OnBehalf.SELF.value,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("列表里没有这一项，请重新选")},
        widget=forms.RadioSelect,
    )
    key = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean_about(self) -> list[RequestKind]:
        """The kinds, in the order of the page. What needs no proof does not wait for what does."""
        chosen = set(self.cleaned_data["about"])
        kinds = [kind for kind in (*TALK, *CLAIMS) if kind in chosen]
        waiting = [kind for kind in kinds if kind in _ASK_WHO]
        if waiting and len(waiting) < len(kinds):
            at_once = [str(({**TALK, **CLAIMS})[kind]) for kind in kinds if kind not in _ASK_WHO]
            raise forms.ValidationError(
                _("“%s”不用证明身份，马上就办；别的要先证明是本人。请分两次提交，免得互相等。")
                % "、".join(at_once)
            )
        return kinds

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "words" in cleaned and not cleaned["words"] and _any_of(cleaned.get("about", ()), _SAY_WHAT):
            self.add_error("words", _("请写几句具体情况，不然我们不知道该做什么"))
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str | Promise]]]]:
        """The boxes to tick, under their headings."""
        return [
            (_("有话要说"), [(kind.value, words) for kind, words in TALK.items()]),
            (_("要用一项权利"), [(kind.value, words) for kind, words in CLAIMS.items()]),
        ]

    @property
    def chosen(self) -> list[str]:
        """What is ticked, whether it was posted or the address named it."""
        value = self["about"].value() or []
        return [str(one) for one in value]


class ReceiptForm(forms.Form):
    """A receipt number, however it is typed."""

    receipt = forms.CharField(
        label=gettext_lazy("回执号"),
        help_text=gettext_lazy("20 个字母和数字，短横线可以不写"),
        max_length=80,
        error_messages={
            "required": gettext_lazy("请填回执号"),
            "max_length": gettext_lazy("回执号是 20 个字母和数字，请再核对一下"),
        },
        widget=forms.TextInput(
            attrs={
                "class": "control",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    use_required_attribute = False

    def clean_receipt(self) -> str:
        """As it is written."""
        receipt = tidied(self.cleaned_data["receipt"])
        if not receipt:
            raise forms.ValidationError(_("回执号是 20 个字母和数字，请再核对一下"))
        return receipt


class ProveForm(forms.Form):
    """The number that shows who asks, and its code."""

    phone = PhoneField(
        label=gettext_lazy("手机号"), help_text=gettext_lazy("您账号里的号码，或提交时留的号码")
    )
    code = CodeField(label=gettext_lazy("验证码"))
    use_required_attribute = False


class AnswerForm(forms.Form):
    """What somebody answers to our question."""

    answer = WordsField(
        label=gettext_lazy("您的回答"),
        help_text=gettext_lazy("请不要写验证码、身份证号，也不要写孩子的姓名和生日。"),
        error_messages={"required": gettext_lazy("请写下您的回答")},
    )
    use_required_attribute = False


def _any_of(kinds: Iterable[str], wanted: Iterable[str]) -> bool:
    return bool(set(kinds) & set(wanted))
