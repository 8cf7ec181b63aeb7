"""Closed lists of requests: what can be asked for, how far it has come, how it ended, why it was refused."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class RequestKind(ClosedList):
    """What somebody wants of us (PIPL 44 to 50; X1 6, X2 5)."""

    ACCESS = "access", _("查看")
    EXPORT = "export", _("复制、下载")
    RECTIFY = "rectify", _("更正、补充")
    ERASE = "erase", _("删除")
    RESTRICT = "restrict", _("限制处理")
    WITHDRAW = "withdraw", _("撤回同意")
    CLOSE_ACCOUNT = "close_account", _("注销账号")
    EXPLAIN = "explain", _("解释规则")
    TRANSFER = "transfer", _("转移给别的机构")
    UNLAWFUL = "unlawful", _("认为处理违法")
    COMPLAINT = "complaint", _("投诉")
    QUESTION = "question", _("提问")
    SUGGESTION = "suggestion", _("建议")
    LEAK = "leak", _("怀疑信息泄露")
    MISUSE = "misuse", _("账号被人冒用")
    FLAW = "flaw", _("报告安全漏洞")


# They concern somebody's own data: who asks has to be known, and workdays count.
RIGHTS: tuple[RequestKind, ...] = (
    RequestKind.ACCESS,
    RequestKind.EXPORT,
    RequestKind.RECTIFY,
    RequestKind.ERASE,
    RequestKind.RESTRICT,
    RequestKind.WITHDRAW,
    RequestKind.CLOSE_ACCOUNT,
    RequestKind.EXPLAIN,
    RequestKind.TRANSFER,
    RequestKind.UNLAWFUL,
)
# These are done by what deletes, and reported by it: nobody says so by hand.
ERASING: tuple[RequestKind, ...] = (RequestKind.ERASE, RequestKind.CLOSE_ACCOUNT)
# Whoever asks need not be known for these.
OPEN_TO_ALL: tuple[RequestKind, ...] = tuple(
    kind for kind in RequestKind if kind not in RIGHTS or kind in (RequestKind.EXPLAIN, RequestKind.UNLAWFUL)
)
# They reach the officer at once.
AT_ONCE: tuple[RequestKind, ...] = (
    RequestKind.UNLAWFUL,
    RequestKind.LEAK,
    RequestKind.MISUSE,
    RequestKind.FLAW,
)


class Clock(ClosedList):
    """Which days count."""

    WORKDAYS = "workdays", _("15 个工作日")
    CALENDAR = "calendar", _("15 天")


def clock_of(kinds: Iterable[str]) -> Clock:
    """The clock of a request: rights have workdays, anything else days; of several the shorter one."""
    return Clock.WORKDAYS if all(kind in RIGHTS for kind in kinds) else Clock.CALENDAR


class RequestState(ClosedList):
    """How far a request has come."""

    RECEIVED = "received", _("已收到")
    VERIFYING = "verifying", _("等您证明是本人")
    NEED_INFO = "need_info", _("等您补充")
    ACCEPTED = "accepted", _("正在处理")
    PLANNED = "planned", _("已列出要做的事")
    APPROVED = "approved", _("已批准")
    EXECUTING = "executing", _("正在执行")
    CHECKING = "checking", _("正在核对")
    FULFILLED = "fulfilled", _("已办妥")
    PARTLY_FULFILLED = "partly_fulfilled", _("部分办妥")
    REFUSED = "refused", _("不能办")
    WITHDRAWN = "withdrawn", _("您已撤回")
    LAPSED = "lapsed", _("没有等到证明，已失效")


# The database holds it (migration 0001): nobody takes a step that is not here.
TRANSITIONS: Mapping[RequestState, tuple[RequestState, ...]] = {
    RequestState.RECEIVED: (RequestState.VERIFYING, RequestState.ACCEPTED, RequestState.WITHDRAWN),
    RequestState.VERIFYING: (
        RequestState.NEED_INFO,
        RequestState.ACCEPTED,
        RequestState.REFUSED,
        RequestState.WITHDRAWN,
        RequestState.LAPSED,
    ),
    RequestState.NEED_INFO: (
        RequestState.VERIFYING,
        RequestState.ACCEPTED,
        RequestState.WITHDRAWN,
        RequestState.LAPSED,
    ),
    RequestState.ACCEPTED: (
        RequestState.VERIFYING,
        RequestState.NEED_INFO,
        RequestState.PLANNED,
        RequestState.EXECUTING,
        RequestState.FULFILLED,
        RequestState.PARTLY_FULFILLED,
        RequestState.REFUSED,
        RequestState.WITHDRAWN,
    ),
    RequestState.PLANNED: (
        RequestState.ACCEPTED,
        RequestState.APPROVED,
        RequestState.NEED_INFO,
        RequestState.REFUSED,
        RequestState.WITHDRAWN,
    ),
    RequestState.APPROVED: (RequestState.PLANNED, RequestState.EXECUTING, RequestState.WITHDRAWN),
    RequestState.EXECUTING: (RequestState.CHECKING, RequestState.PARTLY_FULFILLED, RequestState.ACCEPTED),
    RequestState.CHECKING: (
        RequestState.EXECUTING,
        RequestState.FULFILLED,
        RequestState.PARTLY_FULFILLED,
    ),
    RequestState.PARTLY_FULFILLED: (RequestState.EXECUTING, RequestState.FULFILLED),
    RequestState.FULFILLED: (),
    RequestState.REFUSED: (),
    RequestState.WITHDRAWN: (),
    RequestState.LAPSED: (),
}
# Nothing more is due. Of a partly fulfilled one something may be, by its `remains_until`.
CLOSED: tuple[RequestState, ...] = (
    RequestState.FULFILLED,
    RequestState.PARTLY_FULFILLED,
    RequestState.REFUSED,
    RequestState.WITHDRAWN,
    RequestState.LAPSED,
)
OPEN: tuple[RequestState, ...] = tuple(state for state in RequestState if state not in CLOSED)
WAITING_FOR_THEM: tuple[RequestState, ...] = (RequestState.VERIFYING, RequestState.NEED_INFO)


class Outcome(ClosedList):
    """What became of one right of a request."""

    PENDING = "pending", _("还没有结果")
    GRANTED = "granted", _("已办")
    PARTLY = "partly", _("部分已办")
    REFUSED = "refused", _("不能办")
    DROPPED = "dropped", _("不再需要")


class OnBehalf(ClosedList):
    """For whom somebody asks."""

    SELF = "self", _("本人")
    WARD = "ward", _("自己监护的孩子")
    DECEASED = "deceased", _("已去世的近亲属")


class Entrance(ClosedList):
    """By which way a request came in."""

    ACCOUNT = "account", _("账号里")
    API = "api", _("接口")
    DOOR = "door", _("网页，没有登录")
    STAFF = "staff", _("来电，由工作人员代录")


class Identity(ClosedList):
    """How well we know who asks, from nobody to somebody who has just proved the number on file."""

    UNKNOWN = "unknown", _("没有证明")
    SIGNED_IN = "signed_in", _("已登录")
    NUMBER_PROVED = "number_proved", _("刚用验证码证明了号码")
    STEPPED_UP = "stepped_up", _("已登录，又用验证码证明了号码")
    PAPERS = "papers", _("工作人员核对了证明材料")


class RefusalCode(ClosedList):
    """Why a right can be refused: what the policies and the law name, and nothing else.

    X1 6, X2 5.8; PIPL 47, 50.
    """

    DEFENCE = "defence", _("事关国家安全、国防安全")
    PUBLIC_INTEREST = "public_interest", _("事关公共安全、公共卫生、重大公共利益")
    CRIME = "crime", _("事关犯罪侦查、起诉、审判和判决执行")
    BAD_FAITH = "bad_faith", _("有充分证据表明出于恶意或滥用权利")
    HARM_TO_OTHERS = "harm_to_others", _("会严重损害您或他人的合法权益")
    TRADE_SECRET = "trade_secret", _("事关商业秘密")
    LEGAL_DUTY = "legal_duty", _("履行法律法规规定的义务所必需")
    VITAL_INTEREST = "vital_interest", _("为保护生命财产等重大权益，又难以得到同意")
    EXCESSIVE_REPEAT = "excessive_repeat", _("无端重复")
    UNDUE_EFFORT = "undue_effort", _("需要过多技术手段")
    IMPRACTICAL = "impractical", _("非常不切实际")
    LEGAL_HOLD = "legal_hold", _("机关依法要求保存")
    STATUTORY_PERIOD = "statutory_period", _("法定保存期还没有满")
    NOT_PROVED = "not_proved", _("没有证明是本人，或没有证明监护、亲属关系")
    NOT_HELD = "not_held", _("我们没有这样的信息")
    NOT_FEASIBLE = "not_feasible", _("转移的条件不满足")


class LegalPurpose(ClosedList):
    """For what restricted rows may still be read, and nothing else."""

    LEGAL_CLAIM = "legal_claim", _("提起、应对法律主张")
    LEGAL_DUTY = "legal_duty", _("履行法定职责或法定义务")
    PROTECT_RIGHTS = "protect_rights", _("保护他人的重大权益")


class Bar(ClosedList):
    """Why nothing new is begun for somebody."""

    RESTRICTED = "restricted", _("已限制处理")
    WITHDRAWN = "withdrawn", _("已撤回同意")
    SUSPENDED = "suspended", _("账号已停用")


class PackageState(ClosedList):
    """Where an export is on its way."""

    QUEUED = "queued", _("排队中")
    COLLECTING = "collecting", _("正在收集")
    WRITING = "writing", _("正在整理")
    PACKING = "packing", _("正在打包加密")
    READY = "ready", _("可以下载")
    EXPIRED = "expired", _("已过期，文件已删除")
    FAILED = "failed", _("没有做成")


# The database holds it too. A worker that takes over goes back to collecting what was not finished.
PACKAGE_STEPS: Mapping[PackageState, tuple[PackageState, ...]] = {
    PackageState.QUEUED: (PackageState.COLLECTING, PackageState.EXPIRED, PackageState.FAILED),
    PackageState.COLLECTING: (PackageState.WRITING, PackageState.EXPIRED, PackageState.FAILED),
    PackageState.WRITING: (PackageState.PACKING, PackageState.EXPIRED, PackageState.FAILED),
    PackageState.PACKING: (PackageState.READY, PackageState.EXPIRED, PackageState.FAILED),
    PackageState.READY: (PackageState.EXPIRED,),
    PackageState.EXPIRED: (),
    PackageState.FAILED: (),
}
BUILDING: tuple[PackageState, ...] = (
    PackageState.QUEUED,
    PackageState.COLLECTING,
    PackageState.WRITING,
    PackageState.PACKING,
)
