"""Why bookings are kept, and for how long."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Purpose, Recipient
from privacy.inventory.registry import register_keep, register_purpose, register_recipient

register_recipient(Recipient("campus", "所选城市的校区", "affiliate"))

register_purpose(
    Purpose("trial", "安排试听课", "履行合同（个人信息保护法第十三条第二项）", ("campus",), place=30)
)
register_keep(
    Keep(
        "trial",
        "预约结束之日起三年，期满后 30 日内删除",
        start="booking closed",
        floor=timedelta(days=3 * 365 + 1),  # three calendar years have one leap day at most
        ceiling=timedelta(days=3 * 365 + 31),
        source="电子商务法第三十一条：自交易完成之日起不少于三年（L-PP-4.1-3c）",
    )
)
