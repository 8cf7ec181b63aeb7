"""Why something about a child is kept, and for how long."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Purpose
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose

register_purpose(
    Purpose(
        "child",
        "给孩子安排年龄合适的试听课",
        "监护人的单独同意（个人信息保护法第二十八条、第二十九条、第三十一条）",
        place=35,
    )
)
register_keep(
    Keep(
        "child",
        "到监护人删除、撤回同意或者注销账号为止，之后 15 日内删除",
        start="deleted by the guardian, consent withdrawn, or account closed",
        floor=timedelta(0),
        ceiling=timedelta(days=15),
        source="儿童个人信息网络保护规定第十二条、第二十条；隐私政策：账号注销后删除",
        period=timedelta(0),
        reason=KeepReason.CONSENT,
    )
)
