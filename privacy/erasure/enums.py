"""Closed lists of erasures: whom, why, how far, what remains."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList

ERASED = "erased"  # the kind of recipient whose number an erasure itself keeps until it is done


class Scope(ClosedList):
    """Who is erased: a guardian with the wards nobody else looks after, or one child."""

    PERSON = "person", _("账号和它的全部信息")
    CHILD = "child", _("一个孩子的全部信息")


class Reason(ClosedList):
    """Why somebody is erased (PIPL 47; X1 6-3, X2 5.4; L-PP 4.5)."""

    CLOSED = "closed", _("注销账号")
    ASKED = "asked", _("本人要求删除")
    WITHDRAWN = "withdrawn", _("撤回了同意")
    NO_LONGER_NEEDED = "no_longer_needed", _("不再使用服务")
    UNLAWFUL = "unlawful", _("处理违法或违约")
    MINOR_ALONE = "minor_alone", _("未成年人自己填写的信息")  # erased without debate
    GUARDIAN = "guardian", _("监护人要求删除孩子的信息")
    REPLAYED = "replayed", _("恢复备份以后重做")
    CANARY = "canary", _("每晚的演练")


class JobState(ClosedList):
    """How far an erasure is. It never goes back to before it began."""

    QUEUED = "queued", _("已冻结，马上开始")
    RUNNING = "running", _("正在删除")
    WAITING = "waiting", _("能删的都已删除，其余等保存期满或解除保全")
    DONE = "done", _("全部删除")


JOB_STEPS: Mapping[JobState, tuple[JobState, ...]] = {
    JobState.QUEUED: (JobState.RUNNING,),
    JobState.RUNNING: (JobState.WAITING, JobState.DONE),
    JobState.WAITING: (JobState.RUNNING, JobState.DONE),
    JobState.DONE: (),
}


class StepState(ClosedList):
    """How far a step is. A failed one is tried again, and holds up the end."""

    PENDING = "pending", _("等着")
    DONE = "done", _("已做")
    FAILED = "failed", _("没做成，会再试")


class Why(ClosedList):
    """Why something is left for now."""

    LAW = "law", _("法定保存期")
    HOLD = "hold", _("机关依法要求保存")


class RunKind(ClosedList):
    """What a search for leftovers looked for."""

    SCAN = "scan", _("查残留")
    CANARY = "canary", _("每晚的演练")
    SELF_TEST = "self_test", _("扫描器自检")
