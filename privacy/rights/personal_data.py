"""Why requests are kept, and for how long."""

from datetime import timedelta

from privacy.inventory.declarations import Keep, Purpose, Store
from privacy.inventory.enums import KeepReason
from privacy.inventory.registry import register_keep, register_purpose, register_store
from privacy.inventory.remainders import Remainder, register_remainder
from privacy.rights.personal_rows import unlink_requests, unlink_restrictions

register_purpose(
    Purpose(
        "rights",
        "办理您对个人信息的请求，证明办过",
        "履行法定义务（个人信息保护法第五十条、第六十九条）",
        ("sms_vendor",),
        place=65,
    )
)
register_keep(
    Keep(
        "request",
        "请求办结之日起三年，期满后 30 日内删除",
        start="request closed",
        floor=timedelta(days=3 * 365 + 1),
        ceiling=timedelta(days=3 * 365 + 31),
        source="个人信息保护法第五十六条、第六十九条；民法典第一百八十八条（三年诉讼时效）",
        period=timedelta(days=3 * 365 + 1),
        reason=KeepReason.STATUTE,
    )
)
register_keep(
    Keep(
        "export",
        "做好后 7 天，或下载满三次",
        start="package ready",
        floor=timedelta(0),
        ceiling=timedelta(days=8),
        source="个人信息保护法第十九条：实现目的所必要的最短时间",
        period=timedelta(days=7),
        reason=KeepReason.TRANSACTION,
    )
)
register_store(
    Store(
        "media.exports",
        "信息副本的文件",
        holds="您要求复制的信息，每份用它自己的密钥加密",
        why="rights",
        keep="export",
    )
)

register_remainder(Remainder(model="rights.DataSubjectRequest", since="closed_at", unlink=unlink_requests))
register_remainder(Remainder(model="rights.Restriction", since="since", unlink=unlink_restrictions))
for _model, _follows in (
    ("RequestedRight", "DataSubjectRequest"),
    ("RequestEvent", "DataSubjectRequest"),
    ("Pause", "DataSubjectRequest"),
    ("Refusal", "RequestedRight"),
    ("Reply", "DataSubjectRequest"),
    ("Correction", "DataSubjectRequest"),
    ("ExportPackage", "DataSubjectRequest"),
    ("ExportStep", "ExportPackage"),
    ("DownloadTicket", "ExportPackage"),
):
    register_remainder(Remainder(model=f"rights.{_model}", follows=f"rights.{_follows}"))
