"""What the officers' pages ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.form_fields import CodeField, PhoneField, PlainCheckbox, PlainSelect
from privacy.rights.enums import OPEN_TO_ALL, OnBehalf, RefusalCode, RequestKind
from privacy.rights.models.requests import WORDS
from privacy.rights.services.correcting import correctable


class _Area(forms.Textarea):
    """Several lines, which the server judges."""

    def __init__(self, rows: int = 5) -> None:
        super().__init__({"class": "control", "rows": rows, "maxlength": WORDS})

    def use_required_attribute(self, initial: object) -> bool:
        return False


class WordsField(forms.CharField):
    """What somebody writes, up to the length that is kept."""

    def __init__(self, label: Any, *, rows: int = 5, empty: Any = "", **more: Any) -> None:
        super().__init__(label=label, max_length=WORDS, widget=_Area(rows), **more)
        self.error_messages["required"] = empty or gettext_lazy("这里还没有写")
        self.error_messages["max_length"] = gettext_lazy("最多写 2000 个字")


class SeenForm(forms.Form):
    """A deed on a page that showed the request as it stood; ``seen`` says how far it had come."""

    seen = forms.CharField(required=False, max_length=36, widget=forms.HiddenInput)


class FindForm(forms.Form):
    """A request by its reference, or those of a whole number."""

    q = forms.CharField(
        label=gettext_lazy("编号或完整手机号"),
        help_text=gettext_lazy("例如 Q-4827316。号码只用来找，不会显示，也不进网址"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
    )


class AskBackForm(SeenForm):
    """A question to the person."""

    question = WordsField(
        gettext_lazy("想问什么"),
        help_text=gettext_lazy(
            "对方在自己的请求页上看到并回答。回答以前期限暂停。不要让对方提供我们没有的证件信息"
        ),
        empty=gettext_lazy("请写要问的话"),
    )


class ReplyForm(SeenForm):
    """What we write to the person."""

    body = WordsField(gettext_lazy("答复"), rows=9, empty=gettext_lazy("请写答复"))
    final = forms.BooleanField(
        label=gettext_lazy("这是最终答复，发出后请求办结"), required=False, widget=PlainCheckbox
    )
    remains_until = forms.DateField(
        label=gettext_lazy("余下的最迟办到"),
        help_text=gettext_lazy("只有部分办妥时才填：剩下的到哪一天办完"),
        required=False,
        widget=forms.DateInput(attrs={"class": "control", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("请填日期，例如 2026-12-31")},
    )

    def clean_remains_until(self) -> Any:
        day = self.cleaned_data["remains_until"]
        if day and day <= timezone.localdate():
            raise forms.ValidationError(_("要填今天以后的日期"))
        return day


class KindForm(forms.Form):
    """Which kind of request the inbox shows alone."""

    kind = forms.ChoiceField(
        required=False, choices=[("", gettext_lazy("全部")), *RequestKind.labelled()], widget=PlainSelect
    )


class GroundForm(forms.Form):
    """From which ground a refusal begins; its id is its own, beside the form that refuses."""

    code = forms.ChoiceField(
        choices=[("", gettext_lazy("请选择")), *RefusalCode.labelled()],
        widget=PlainSelect(attrs={"id": "id_ground"}),
    )


class RefuseForm(SeenForm):
    """Why a right cannot be granted: a code of the law's or the policies', its clause, plain words."""

    kind = forms.ChoiceField(label=gettext_lazy("哪一项"), widget=PlainSelect)
    code = forms.ChoiceField(
        label=gettext_lazy("理由"),
        choices=[("", gettext_lazy("请选择")), *RefusalCode.labelled()],
        widget=PlainSelect,
        error_messages={"required": gettext_lazy("请选一个理由，没有列出的理由不能拒绝")},
    )
    clause = forms.CharField(
        label=gettext_lazy("依据的条款"),
        help_text=gettext_lazy("例如：个人信息保护法第四十七条第二款"),
        max_length=80,
        widget=forms.TextInput(attrs={"class": "control"}),
        error_messages={"required": gettext_lazy("请写依据的是哪一条")},
    )
    reason = WordsField(
        gettext_lazy("给家长的说明"),
        rows=6,
        help_text=gettext_lazy("用平常话写清楚为什么不能办，对方会原样看到"),
        empty=gettext_lazy("请写明理由"),
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [(kind, RequestKind(kind).label) for kind in kinds]  # type: ignore[attr-defined]  # a choice field's own


class CallForm(forms.Form):
    """What a caller asks for, and the number that the code goes to."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("对方要什么"),
        choices=RequestKind.labelled,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请至少选一项")},
    )
    on_behalf = forms.ChoiceField(
        label=gettext_lazy("为谁"), choices=OnBehalf.labelled, widget=PlainSelect, initial=OnBehalf.SELF
    )
    words = WordsField(
        gettext_lazy("对方怎么说"),
        rows=4,
        required=False,
        help_text=gettext_lazy("照对方的话记。不要记身份证号、孩子的真名和别的用不着的信息"),
    )
    phone = PhoneField(
        help_text=gettext_lazy("请对方自己报。验证码发到这个号码，由对方念给您"),
        required=False,
    )
    code = CodeField(
        required=False,
        help_text=gettext_lazy("先发验证码，再请对方念那 6 位数字。对方不方便，可以先登记，以后再证明"),
    )
    once = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    use_required_attribute = False

    def __init__(self, *args: Any, needs_code: bool = False, **more: Any) -> None:
        """``needs_code``: the caller is to be proved now."""
        super().__init__(*args, **more)
        self.needs_code = needs_code
        self.fields["code"].required = self.fields["phone"].required = needs_code

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kinds = [RequestKind(kind) for kind in cleaned.get("kinds", [])]
        needs_number = not all(kind in OPEN_TO_ALL for kind in kinds)
        if needs_number and not cleaned.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("这件事关系到具体的人，请问对方留在我们这里的号码"))
        cleaned["kinds"] = kinds
        return cleaned


class CorrectForm(SeenForm):
    """What was wrong, what is right, and what showed it (PIPL 46)."""

    field = forms.ChoiceField(label=gettext_lazy("哪一项"), choices=correctable, widget=PlainSelect)
    before = WordsField(gettext_lazy("原来是什么"), rows=2)
    after = WordsField(gettext_lazy("更正或补充成什么"), rows=2)
    evidence = WordsField(
        gettext_lazy("依据"),
        rows=2,
        help_text=gettext_lazy("怎么知道新的内容是对的，例如：校区签到表。不要记证件号码"),
        empty=gettext_lazy("请写依据，没有依据不能改"),
    )


class PapersForm(SeenForm):
    """Which papers showed who asks. What stands in them is written down nowhere."""

    looked_at = forms.BooleanField(
        label=gettext_lazy("我当面或视频核对了证明材料，没有留存复印件"),
        widget=PlainCheckbox,
        error_messages={"required": gettext_lazy("核对过才能登记")},
    )


class TransferForm(SeenForm):
    """The four conditions of a transfer to somebody else (regulation on network data, 25; PIPL 45)."""

    CONDITIONS = ("identity_verified", "by_consent_or_contract", "feasible", "harms_nobody")

    identity_verified = forms.BooleanField(
        label=gettext_lazy("能够核实请求人的真实身份"), required=False, widget=PlainCheckbox
    )
    by_consent_or_contract = forms.BooleanField(
        label=gettext_lazy("要转移的是对方同意提供、或者为履行合同收集的信息"),
        required=False,
        widget=PlainCheckbox,
    )
    feasible = forms.BooleanField(label=gettext_lazy("技术上做得到"), required=False, widget=PlainCheckbox)
    harms_nobody = forms.BooleanField(
        label=gettext_lazy("不损害别人的合法权益"), required=False, widget=PlainCheckbox
    )
