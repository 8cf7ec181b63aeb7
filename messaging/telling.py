"""How people are told what a message said and what became of it."""

import json
from typing import Any

from django.utils.translation import gettext as _

from messaging.texts import render
from privacy.inventory.telling import Reader, without_tokens

_HIDDEN = "••••••"


def as_sent(value: str, row: Any, reader: Reader) -> str:
    """The words of a message; a code in it, and what opens something in its links, is cut."""
    parameters = json.loads(value)
    if "code" in parameters:
        parameters["code"] = _HIDDEN
    return without_tokens(render(row.template, parameters))


def as_recipient(value: Any, row: Any, reader: Reader) -> str:
    """Whom a message went to: the reader, or a number of theirs that no account knew yet."""
    if getattr(value, "pk", value) == reader.subject:
        return reader.you
    return _("本人的号码") if reader.officer else _("您的号码")


def why_not_sent(value: str, row: Any, reader: Reader) -> str:
    """Why a message did not leave, in words; as it is noted where nobody put it into words."""
    said = {
        "erased": _("内容已经删除"),
        "no_address": _("没有可用的号码"),
        "no_consent": _("没有您的同意"),
        "outdated": _("要说的事已经变了"),
        "restricted": _("您限制了信息的使用"),
        "timeout": _("短信商没有回答"),
        "sender_died": _("发送时中断"),
        "broken": _("多次没有发成"),
        "number_bad": _("号码无法接收"),
        "number_throttled": _("短信商限制了这个号码"),
        "gateway_down": _("短信商出了故障"),
        "unknown": _("结果不明"),
    }
    return said.get(value, value)
