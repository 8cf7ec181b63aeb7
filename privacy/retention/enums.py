"""Closed lists of retention."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class RunState(ClosedList):
    """How a purge is doing."""

    RUNNING = "running", _("正在清理")
    DONE = "done", _("清理完了")
    CEILING = "ceiling", _("到了一次的上限，下一次接着清理")
    PAUSED = "paused", _("停着，等人核对")
    FAILED = "failed", _("没做成，会再试")
