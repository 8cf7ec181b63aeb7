"""What is asked for in one's own words: one page for each kind, and what it says before."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.rights.enums import RequestKind

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Writing:
    """A page on which something is asked for in words."""

    kind: RequestKind
    title: Text
    label: Text
    hint: Text
    button: Text
    about: str
    """The template that says before what happens, and when."""
    needed: bool = True
    """Whether words have to be written."""
    fresh: bool = False
    """Whether the number has to be proved just before."""
    final: bool = False
    """Whether it cannot be undone once done."""
    reasons: bool = False
    """Whether one says which of the reasons it is, when one asks for oneself."""
    for_others: bool = True
    """Whether it can be asked for a child or a relative who has died."""


_WHAT_AND_HOW = _("写清楚是哪一处、现在写的是什么、应该是什么。有能说明的材料，写上是什么材料就行，先不用交")

WRITINGS: dict[str, Writing] = {
    "rectify": Writing(
        kind=RequestKind.RECTIFY,
        title=_("改别的信息"),
        label=_("哪里不对，应该是什么，依据是什么"),
        hint=_WHAT_AND_HOW,
        button=_("提交更正"),
        about="privacy/about/rectify.html",
    ),
    "supplement": Writing(
        kind=RequestKind.RECTIFY,
        title=_("补充信息"),
        label=_("要补上什么，依据是什么"),
        hint=_("写清楚要补在哪一处、补什么。有能说明的材料，写上是什么材料就行，先不用交"),
        button=_("提交补充"),
        about="privacy/about/supplement.html",
    ),
    "access": Writing(
        kind=RequestKind.ACCESS,
        title=_("替家人查看信息"),
        label=_("想看哪些信息"),
        hint=_("例如：全部，或者某一次试听的记录"),
        button=_("提交请求"),
        about="privacy/about/access.html",
        needed=False,
    ),
    "restrict": Writing(
        kind=RequestKind.RESTRICT,
        title=_("替家人限制使用"),
        label=_("为什么想限制（可以不写）"),
        hint=_("例如：正在核对信息对不对"),
        button=_("提交请求"),
        about="privacy/about/restrict.html",
        needed=False,
        fresh=True,
    ),
    "transfer": Writing(
        kind=RequestKind.TRANSFER,
        title=_("转给别的机构"),
        label=_("转给谁，转哪些信息"),
        hint=_("写上机构的全称、联系方式，以及要转的信息"),
        button=_("提交请求"),
        about="privacy/about/transfer.html",
    ),
    "erase": Writing(
        kind=RequestKind.ERASE,
        title=_("删除我的信息"),
        label=_("只想删其中一部分？写在这里（可以不写）"),
        hint=_("不写就是全部。写了，工作人员看过再办"),
        button=_("请你们删除"),
        about="privacy/about/erase.html",
        needed=False,
        reasons=True,
        fresh=True,
        final=True,
    ),
    "explain": Writing(
        kind=RequestKind.EXPLAIN,
        title=_("请工作人员解释"),
        label=_("哪一条规则没看明白"),
        hint=_("例如：为什么要保存三年"),
        button=_("提交"),
        about="privacy/about/explain.html",
        for_others=False,
    ),
    "unlawful": Writing(
        kind=RequestKind.UNLAWFUL,
        title=_("认为我们做得不合法"),
        label=_("是什么事，什么时候"),
        hint=_("写您知道的就行，我们自己去查"),
        button=_("提交"),
        about="privacy/about/at_once.html",
    ),
    "misuse": Writing(
        kind=RequestKind.MISUSE,
        title=_("账号像是被人用了"),
        label=_("您发现了什么"),
        hint=_("例如：多出一次不是自己约的试听"),
        button=_("马上告诉我们"),
        about="privacy/about/at_once.html",
        for_others=False,
    ),
    "leak": Writing(
        kind=RequestKind.LEAK,
        title=_("怀疑信息泄露"),
        label=_("您发现了什么"),
        hint=_("例如：接到说得出孩子小名的推销电话"),
        button=_("马上告诉我们"),
        about="privacy/about/at_once.html",
    ),
    "complaint": Writing(
        kind=RequestKind.COMPLAINT,
        title=_("投诉"),
        label=_("是什么事"),
        hint=_("写您遇到的事，希望怎么解决"),
        button=_("提交投诉"),
        about="privacy/about/fifteen_days.html",
        for_others=False,
    ),
    "question": Writing(
        kind=RequestKind.QUESTION,
        title=_("提问"),
        label=_("想问什么"),
        hint=_("关于您家信息的任何事"),
        button=_("提交问题"),
        about="privacy/about/fifteen_days.html",
        for_others=False,
    ),
    "suggestion": Writing(
        kind=RequestKind.SUGGESTION,
        title=_("提建议"),
        label=_("您的建议"),
        hint=_("怎么做您会更放心"),
        button=_("提交建议"),
        about="privacy/about/fifteen_days.html",
        for_others=False,
    ),
}
