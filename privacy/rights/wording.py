"""What we write to people about their requests. It is evidence, so it stands here and in no catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from privacy.consent.operator import Operator
from privacy.rights.enums import Bar, RefusalCode, RequestKind

BLANK = re.compile("【[^】]*】")
"""A place of a template that whoever replies has to fill in."""

# What a reply says when the whole of a right was granted. Whoever replies begins with it.
GRANTED: Mapping[RequestKind, str] = {
    RequestKind.ACCESS: (
        "您要看的信息，登录后在“我的隐私”里随时可以看到：存着哪几类、各有多少条，点开是每一条的内容。"
    ),
    RequestKind.EXPORT: (
        "您要的副本做好了。登录后在“我的隐私”里下载，七天内、最多三次；打不开压缩包的，可以直接在网页上看。"
        "密码只显示在网页上，我们不会用短信或电话告诉您。"
    ),
    RequestKind.RECTIFY: "您要更正或补充的内容改好了。改之前、改之后和依据都有记录，您可以要求查看。",
    RequestKind.ERASE: "您要删除的信息已经删除，我们这里不再能读到。",
    RequestKind.RESTRICT: (
        "已限制处理：您的信息现在只存着，不再使用。只有应对法律主张、履行法定义务、保护他人重大权益时才会读取，"
        "每一次都留有记录。想恢复，登录后在“我的隐私”里随时可以解除。"
    ),
    RequestKind.WITHDRAW: (
        "已撤回您的同意，凭这份同意所做的使用已经停止；撤回之前所做的仍然有效。想恢复，重新同意即可。"
    ),
    RequestKind.CLOSE_ACCOUNT: "账号已经注销，不能再登录，也不能恢复。同一个号码以后可以重新注册。",
    RequestKind.EXPLAIN: (
        "我们收集什么、为什么、从哪里来、存多久、给谁，都写在《隐私政策》和《儿童个人信息规则》里，"
        "页面底部可以打开。哪一处没有看明白，请再写给我们，由工作人员说明。"
    ),
    RequestKind.TRANSFER: (
        "转移的四个条件已逐项核对，都满足：身份已证明，信息是凭您的同意或为履行合同收集的，技术上可行，"
        "不损害别人的合法权益。已按您指定的接收方和途径提供：【接收方、途径、日期】。"
    ),
    RequestKind.UNLAWFUL: (
        "您指出的处理，个人信息保护负责人已经核查。查到的事实：【】。我们的结论和已采取的措施：【】。"
    ),
    RequestKind.COMPLAINT: "您的投诉已经核实。情况是：【】。我们已经：【】。给您带来的不便，向您致歉。",
    RequestKind.QUESTION: "您问的是：【】。回答如下：【】。",
    RequestKind.SUGGESTION: "谢谢您的建议，已转给负责的同事。我们的打算：【】。",
    RequestKind.LEAK: (
        "您怀疑信息泄露一事，个人信息保护负责人已经核查。查到的事实：【】。已采取的措施：【】。"
        "您自己可以这样防备：【】。"
    ),
    RequestKind.MISUSE: (
        "账号已在所有设备上退出，再登录要用发到您手机上的新验证码。核查的结果：【】。"
        "如果手机卡也丢了，请先到运营商补办。"
    ),
    RequestKind.FLAW: "谢谢您报告安全问题。核查的结果：【】。修复的情况：【】。",
}

NOT_GRANTED = "您要办的事，我们核对过了，不能照办。理由和依据写在下面。"
"""How a reply begins that grants nothing; the reasons are added to it."""
AGREED_AGAIN = (
    "您已重新同意《隐私政策》和《用户协议》，功能都恢复了。因为撤回而列出的删除不再进行；撤回时已经取消的试听和候补不会自动恢复，"
    "想来请重新约。"
)
NUMBER_CHANGED = "登录和接收通知的号码换好了。原来的号码不再能登录这个账号；两个号码都收到了通知。"
# Why nothing new is begun for somebody, and the way on.
BARRED: Mapping[Bar, str] = {
    Bar.RESTRICTED: "您限制了我们使用您的信息，约课、候补和邀请都先停着。想再约，请在“我的隐私”里恢复使用。",
    Bar.WITHDRAWN: "您撤回了对隐私政策的同意，约课、候补和邀请都停了。想再约，请在“我的隐私”里重新同意。",
    Bar.SUSPENDED: "账号已停用，暂时不能约课和候补。“我的隐私”里的权利一样不少；有疑问请打页面下方的电话。",
}

NOTHING_HELD = (
    "号码已证明是您的。我们查过了：没有用这个号码开的账号，也没有这个号码名下的预约或孩子的信息。"
    "留着的只有这次请求本身，包括您写的话和留的号码，为证明办过而保留，期满删除。"
    "如果您用的是别的号码，请用那个号码再提一次。"
)

WITHDRAWN = (
    "已撤回您对《隐私政策》的全部同意：还没上的试听和候补都取消了，您的信息现在只存着，不再使用。"
    "撤回之前所做的仍然有效。接下来我们核对哪些可以删除、哪些依法还要保留到哪天，办完再告诉您。"
    "在那之前想恢复，登录后重新同意即可。"
)

# Questions that officers begin with. Papers are looked at and never kept; nobody is asked for an ID photo.
QUESTIONS: Mapping[str, str] = {
    "要的是哪些信息": "您想【】的是哪些信息？比如哪一次预约、哪一个孩子、大约什么时间。",
    "更正成什么": "您想把【】改成什么？有什么可以说明新的内容是对的？口述也可以。",
    "监护关系": (
        "我们这里没有登记您与孩子的监护关系。请说明您是孩子的什么人，或请已登记的监护人在账号里邀请您。"
    ),
    "已故亲属": (
        "请说明您与逝者的亲属关系，以及您要办的事与您自己的合法权益有什么关系。本人生前另有安排的，从其安排。"
    ),
    "转移给谁": "您想转移给哪一家机构？请写明名称和接收的途径。",
}


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A ground to refuse on: how a refusal begins, what it may rest on, what it must bring forward."""

    begins: str
    clauses: tuple[str, ...]
    """What the law or the standard says; an officer may name another source."""

    by_article: bool = False
    """Whether the article of a law has to be named."""

    must_say: str = ""
    """What the reason has to hold, told to whoever writes it."""


_PIPL = "《个人信息保护法》"
_STANDARD = "《个人信息安全规范》（GB/T 35273-2020）8.7"
_HOLDS = "写清是哪一类机关、依据哪部法律要求保存；依法不能说的不写"

# The union of what both policies name (X1 6; X2 5.5.1, 5.8) and what the law lets us refuse.
GROUNDS: Mapping[RefusalCode, Ground] = {
    RefusalCode.DEFENCE: Ground(
        begins="这件事直接关系到国家安全、国防安全，依法不能照办。",
        clauses=(f"{_PIPL}第四十四条", f"{_PIPL}第四十五条"),
        by_article=True,
    ),
    RefusalCode.PUBLIC_INTEREST: Ground(
        begins="这件事直接关系到公共安全、公共卫生或重大公共利益，依法不能照办。",
        clauses=(f"{_PIPL}第十三条第一款第四项", f"{_PIPL}第四十四条"),
        by_article=True,
    ),
    RefusalCode.CRIME: Ground(
        begins="这件事直接关系到犯罪侦查、起诉、审判或判决的执行，依法不能照办。",
        clauses=(f"{_PIPL}第四十五条", "《数据安全法》第三十五条"),
        by_article=True,
    ),
    RefusalCode.BAD_FAITH: Ground(
        begins="有充分证据表明，这次请求不是为了行使权利。",
        clauses=(_STANDARD,),
        must_say="写清有哪些证据",
    ),
    RefusalCode.HARM_TO_OTHERS: Ground(
        begins="照办会严重损害您或别人的合法权益。",
        clauses=(_STANDARD, f"{_PIPL}第二条"),
        must_say="写清会损害谁的什么权益，能不能只办一部分",
    ),
    RefusalCode.TRADE_SECRET: Ground(
        begins="其中一部分事关商业秘密，不能提供。",
        clauses=(_STANDARD, "《民法典》第一百二十三条"),
        must_say="写清哪一部分，其余的照办",
    ),
    RefusalCode.LEGAL_DUTY: Ground(
        begins="这些信息是我们履行法定义务所必需的，现在还不能照办。",
        clauses=(f"{_PIPL}第十三条第一款第三项",),
        by_article=True,
        must_say="写清是哪一项义务",
    ),
    RefusalCode.VITAL_INTEREST: Ground(
        begins="为了保护生命、财产等重大权益，又难以得到本人同意，现在还不能照办。",
        clauses=(f"{_PIPL}第十三条第一款第四项", _STANDARD),
        must_say="写清保护的是什么",
    ),
    RefusalCode.EXCESSIVE_REPEAT: Ground(
        begins="同样的请求近一年里已经答复过，情况没有变化。",
        clauses=(_STANDARD,),
        must_say="写清上几次是什么时候、怎样答复的",
    ),
    RefusalCode.UNDUE_EFFORT: Ground(
        begins="照办要开发新的系统，或从根本上改变现在的做法。",
        clauses=(f"{_PIPL}第四十七条第二款", _STANDARD),
        must_say="写清难在哪里，现在怎样保护这些信息",
    ),
    RefusalCode.IMPRACTICAL: Ground(
        begins="照办非常不切实际，比如要改动只能整份覆盖的备份。",
        clauses=(f"{_PIPL}第四十七条第二款", _STANDARD),
        must_say="写清备份什么时候被覆盖，在那之前怎样保护",
    ),
    RefusalCode.LEGAL_HOLD: Ground(
        begins="有关机关依法要求保存这些信息，解除之前不能删除。除了存着，不作别的使用。",
        clauses=(f"{_PIPL}第四十七条第二款", "《数据安全法》第三十五条"),
        by_article=True,
        must_say=_HOLDS,
    ),
    RefusalCode.STATUTORY_PERIOD: Ground(
        begins="法律规定的保存期还没有满。期满之前只存着、保护好，不作别的使用，期满即删。",
        clauses=(f"{_PIPL}第四十七条第二款", "《电子商务法》第三十一条", f"{_PIPL}第五十六条"),
        by_article=True,
        must_say="写清存到哪年哪月哪日",
    ),
    RefusalCode.NOT_PROVED: Ground(
        begins="还不能确定是您本人，或者还不能确定监护、亲属关系，为了不把信息给错人，不能照办。",
        clauses=(f"{_PIPL}第五十条", f"{_PIPL}第五十一条"),
        must_say="写清还缺什么、怎样补；补上随时可以再提",
    ),
    RefusalCode.NOT_HELD: Ground(
        begins="我们没有您说的这些信息。",
        clauses=(f"{_PIPL}第四十五条", f"{_PIPL}第五十条"),
        must_say="写清查过哪些地方",
    ),
    RefusalCode.NOT_FEASIBLE: Ground(
        begins="转移的四个条件没有都满足。",
        clauses=("《网络数据安全管理条例》第二十五条", f"{_PIPL}第四十五条第三款"),
        by_article=True,
        must_say="写清是哪一个条件、怎样不满足",
    ),
}


def remedies(operator: Operator) -> str:
    """What anybody can do who is not content with an answer (PIPL 50, 65; X1 10, X2 11.3).

    It stands in every final reply, granted ones too.
    """
    return (
        "对这个答复不满意，您可以：\n"
        "1. 再写给我们：打开网页底部的“个人信息请求与投诉”，写上编号，不用登录。\n"
        f"2. 找{operator.privacy_department}：电话 {operator.privacy_phone}（{operator.privacy_hours}），"
        f"邮箱 {operator.privacy_mail}，地址 {operator.contact_address}。\n"
        "3. 向主管部门投诉、举报：网信部门电话 12377（www.12377.cn），或拨 12345。\n"
        "4. 向人民法院起诉（《个人信息保护法》第五十条）。\n"
        "办理这些都不收费。"
    )


def refused_in_words(*, kind: RequestKind, code: RefusalCode, clause: str, reason: str) -> str:
    """A refusal as the person reads it: what is not done, why, and what that rests on."""
    return f"“{kind.label}”不能办。理由：{code.label}。{reason}\n依据：{clause}。"


def remains_in_words(kinds: Sequence[RequestKind], until: date) -> str:
    """What is still to be done, and by when."""
    names = "、".join(f"“{kind.label}”" for kind in kinds)
    return f"还没有办完的：{names}。最迟 {until.year} 年 {until.month} 月 {until.day} 日办完，办完再告诉您。"
