"""Why a record of consent names a person, and for how long."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Purpose
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose
from privacy.inventory.remainders import Remainder, register_remainder

register_purpose(
    Purpose(
        name="consent_proof",
        title="证明您同意过什么",
        basis="履行法定义务：处理者须能证明同意真实有效（个人信息保护法第十四条、第六十九条）",
        place=60,
    )
)
register_keep(
    Keep(
        name="consent_proof",
        title="到撤回同意或注销账号为止，再加三年，期满后 30 日内删除",
        start="consent withdrawn or account closed",
        floor=timedelta(days=3 * 365 + 1),
        ceiling=timedelta(days=3 * 365 + 31),
        source="隐私政策第 7 条；民法典第一百八十八条（三年诉讼时效）",
        period=timedelta(days=3 * 365 + 1),
        reason=KeepReason.STATUTE,
    )
)
# Under the alias by privacy_unlink, as all append-only rows.
register_remainder(Remainder(model="consent.ConsentRecord"))
