"""Why and how long the record of deeds is kept."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Purpose
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose
from privacy.inventory.remainders import Remainder, register_remainder

register_purpose(
    Purpose(
        "accountability",
        "留下谁在何时处理过个人信息的记录",
        "履行法定义务（个人信息保护法第五十一、五十四条）",
        place=70,
    )
)
register_keep(
    Keep(
        "audit",
        "自记录之日起三年，期满后 30 日内删除",
        start="event",
        floor=timedelta(days=3 * 365 + 1),
        ceiling=timedelta(days=3 * 365 + 31),
        source="个人信息保护法第五十六条：处理情况记录至少保存三年",
        period=timedelta(days=3 * 365 + 1),
        reason=KeepReason.STATUTE,
    )
)
# Under the alias by privacy_unlink, as all append-only rows.
register_remainder(Remainder(model="audit.AuditEvent", since="at"))
