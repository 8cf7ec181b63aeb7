"""How people are told what happened to a request, and of what belongs to one."""

from typing import Any

from django.utils.translation import gettext as _

from privacy.inventory.telling import NOBODY, Reader
from privacy.rights.enums import RequestKind, RequestState


def as_happening(value: str, row: Any, reader: Reader) -> str:
    """A step by the label of its state; anything else by what it is."""
    said = {
        "taken": _("有人经办了"),
        "asked": _("问了您一个问题"),
        "answered": _("您回答了"),
        "proved": _("证明了是本人"),
        "nothing_held": _("没有找到这个号码的信息"),
        "granted": _("同意办理"),
        "refusal_proposed": _("提出不能办的理由"),
        "refusal_approved": _("批准了不能办的理由"),
        "refusal_declined": _("没有批准不能办的理由"),
        "replied": _("答复了您"),
        "warned": _("提醒经办的人快到期了"),
        "reckoned": _("按新的节假日重新算了期限"),
        "waited": _("等您的日子没有算在期限里"),
        "looked": _("翻看了请求"),
        "corrected": _("更正了信息"),
        "restricted": _("限制了信息的使用"),
        "lifted": _("解除了限制"),
        "agreed_again": _("重新同意了隐私政策"),
        "alarmed": _("立即通知了负责人"),
        "signed_out": _("在所有地方退出了登录"),
    }
    return said.get(value) or dict(RequestState.labelled()).get(value, value)


def as_note(value: str, row: Any, reader: Reader) -> str:
    """What is noted beside an event: a right, a state, or words of its own."""
    return str({**dict(RequestKind.labelled()), **dict(RequestState.labelled())}.get(value, value))


def as_right(value: Any, row: Any, reader: Reader) -> str:
    """One right of a request, by what is asked for."""
    return NOBODY if value is None else str(value.get_kind_display())


def as_package(value: Any, row: Any, reader: Reader) -> str:
    """A copy, by the request it belongs to."""
    return NOBODY if value is None else str(value.request)
