"""How people are told what happened to a request, and of what belongs to one."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList
from privacy.inventory.names import as_field
from privacy.inventory.telling import NOBODY, Reader
from privacy.rights.enums import Identity, LegalPurpose, RequestKind, RequestState

HAPPENINGS: dict[str, str | Promise] = {
    "alarmed": _("立即通知了负责人"),
    "answered": _("您回答了"),
    "corrected": _("更正了信息"),
    "downloaded": _("下载了信息副本"),
    "export_begun": _("开始制作信息副本"),
    "export_expired": _("信息副本过期，已经销毁"),
    "export_failed": _("信息副本没有做成"),
    "export_ready": _("信息副本做好了"),
    "granted": _("同意办理"),
    "lifted": _("解除了限制"),
    "nothing_held": _("没有找到这个号码的信息"),
    "password_shown": _("显示了信息副本的密码"),
    "plan_listed": _("列出了要做的事"),
    "proved": _("证明了是本人"),
    "reckoned": _("按新的节假日重新算了期限"),
    "refusal_approved": _("批准了不能办的理由"),
    "refusal_declined": _("没有批准不能办的理由"),
    "refusal_proposed": _("提出了不能办的理由"),
    "replied": _("答复了您"),
    "restricted": _("限制了信息的使用"),
    "signed_out": _("在所有地方退出了登录"),
    "taken": _("有人经办了"),
    "viewed": _("在线查看了信息副本"),
    "waited": _("等您回答的天数不算，期限顺延"),
    "warned": _("提醒经办的人快到期了"),
}
_READ = "read_"  # and the purpose for which restricted data was read
_LEFT = "t-"  # and how many days were left
_NOTES: dict[str, str | Promise] = {
    "final": _("最后的答复"),
    "agreed_again": _("重新同意了隐私政策"),
}


def as_happening(value: str, row: Any, reader: Reader) -> str:
    """A step by the label of its state; anything else by what it is."""
    if value.startswith(_READ):
        purpose = value.removeprefix(_READ)
        said = gettext("依法查看了限制使用的信息：%s") % _labels(LegalPurpose).get(purpose, purpose)
        return str(said)
    return str(HAPPENINGS.get(value) or _labels(RequestState).get(value, value))


def as_note(value: str, row: Any, reader: Reader) -> str:
    """What is noted beside an event: a right, a field, a proof, days left, or words of its own."""
    if value.startswith(_LEFT):
        return gettext("还剩 %s 天") % value.removeprefix(_LEFT)
    known = {**_NOTES, **_labels(Identity), **_labels(RequestState), **_labels(RequestKind)}
    return str(known[value]) if value in known else as_field(value, row, reader)


def _labels(words: type[ClosedList]) -> dict[str, Any]:
    return dict(words.labelled())


def as_right(value: Any, row: Any, reader: Reader) -> str:
    """One right of a request, by what is asked for."""
    return NOBODY if value is None else str(value.get_kind_display())


def as_package(value: Any, row: Any, reader: Reader) -> str:
    """A copy, by the request it belongs to."""
    return NOBODY if value is None else str(value.request)
