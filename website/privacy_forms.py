"""The forms of one's own information: a code, and what is written to us."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.form_fields import CodeField, PhoneField, SelectField
from privacy.erasure.enums import Reason
from privacy.rights.enums import OnBehalf
from privacy.rights.models.requests import WORDS

# Why somebody wants their own information deleted, as they would say it.
REASONS = [
    (Reason.NO_LONGER_NEEDED, _("不再用你们的服务了")),
    (Reason.UNLAWFUL, _("处理得不合法，或者没按说好的做")),
    (Reason.MINOR_ALONE, _("未满 18 岁的我自己填的")),
    (Reason.ASKED, _("别的原因，或者不想说")),
]


class ConfirmForm(forms.Form):
    """The code sent to the number on file. The number is filled in by us, whatever is posted."""

    phone = PhoneField(widget=forms.HiddenInput)
    code = CodeField(label=_("验证码"))
    use_required_attribute = False

    def say_of_number(self) -> None:
        """Whatever is wrong with sending is said of the whole page: nobody typed a number."""
        for message in self.errors.pop("phone", []) if self.is_bound else []:
            self.add_error(None, str(message))


class WordsInput(forms.Textarea):
    """A large field for one's own words; only the server judges it."""

    def __init__(self) -> None:
        super().__init__({"class": "control control-words", "rows": "6"})

    def use_required_attribute(self, initial: object) -> bool:
        return False


class WordsForm(forms.Form):
    """What somebody asks for in their own words, for themselves, a child or a relative who has died."""

    child = SelectField(label=_("为哪个孩子"), choices=[], error_messages={"required": _("请选一个孩子")})
    relation = forms.CharField(
        label=_("您和逝者的关系，逝者当时留的手机号"),
        help_text=_("例如：配偶，138 开头尾号 1234。证明材料先不用交，工作人员会告诉您怎么核对"),
        max_length=200,
        widget=forms.TextInput({"class": "control"}),
        error_messages={"required": _("请写明关系和当时的号码"), "max_length": _("写 200 字以内就好")},
    )
    reason = SelectField(
        label=_("为什么要删"),
        help_text=_("选“未满 18 岁的我自己填的”，提交就全部删掉，账号一起注销，不用等人批准"),
        choices=REASONS,
        error_messages={"required": _("请选一个原因，不想说就选“别的原因”")},
    )
    words = forms.CharField(label=_("您想说的"), max_length=WORDS - 300, widget=WordsInput)
    once = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(
        self,
        *args: Any,
        label: str,
        hint: str,
        needed: bool,
        reasons: bool,
        on_behalf: OnBehalf,
        children: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        """``label`` and ``hint`` name the words; ``children``: public id and nickname of each ward."""
        super().__init__(*args, **kwargs)
        words, child = self.fields["words"], self.fields["child"]
        words.label, words.help_text, words.required = label, hint, needed
        words.error_messages |= {
            "required": _("还没写是什么事"),
            "max_length": _("太长了，写 %(limit_value)d 字以内，其余的等我们联系您时再说"),
        }
        if not reasons or on_behalf != OnBehalf.SELF:
            del self.fields["reason"]
        if on_behalf != OnBehalf.DECEASED:
            del self.fields["relation"]
        if on_behalf != OnBehalf.WARD:
            del self.fields["child"]
        else:
            cast(SelectField, child).choices = [("", _("请选择")), *children]

    def text(self) -> str:
        """Everything that was written, as it is kept."""
        relation = self.cleaned_data.get("relation", "")
        return "\n".join(filter(None, [relation, self.cleaned_data["words"].strip()]))


class AnswerForm(forms.Form):
    """The answer to what we asked."""

    answer = forms.CharField(
        label=_("您的回答"),
        max_length=WORDS,
        widget=WordsInput,
        error_messages={
            "required": _("还没写回答"),
            "max_length": _("太长了，写 %(limit_value)d 字以内"),
        },
    )
    use_required_attribute = False


class NumberForm(forms.Form):
    """The number that is to be the account's, and the code sent to it."""

    phone = PhoneField(label=_("新的手机号"), help_text=_("以后用它登录、收提醒"))
    code = CodeField(label=_("新号码收到的验证码"))
    use_required_attribute = False
