"""The record of processing (PIPL 55 and 56, GDPR 30), gathered from the declarations."""

from collections import defaultdict
from typing import Any

from privacy.inventory import registry
from privacy.inventory.grades import GRADES

SENSITIVE_TITLES = {
    "number": "手机号码",
    "identity": "特定身份与证件",
    "biometric": "生物识别",
    "health": "医疗健康",
    "belief": "宗教信仰",
    "account": "账户与鉴权",
    "whereabouts": "行踪轨迹",
    "transaction": "交易",
    "communication": "通信内容",
    "child": "不满十四周岁未成年人的信息",
    "free_text": "自由填写的文字",
}


def processing_record() -> list[dict[str, Any]]:
    """One entry a purpose: its title, legal ground and recipients, and each field and store it needs."""
    fields: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for field, declaration in registry.inventory():
        keep = registry.keeps[declaration.keep]
        fields[declaration.why].append(
            {
                "id": declaration.id,
                "field": f"{field.model._meta.label}.{field.name}",
                "title": str(declaration.title),
                "category": declaration.category,
                "grade": GRADES[declaration.grade].title,
                "sensitive": SENSITIVE_TITLES[declaration.sensitive] if declaration.sensitive else "",
                "sealed": declaration.sealed,
                "keep": keep.title,
                "source": keep.source,
            }
        )
    return [
        {
            "purpose": purpose.name,
            "title": purpose.title,
            "basis": purpose.basis,
            "recipients": registry.recipients_of(purpose),
            "fields": sorted(fields[purpose.name], key=lambda entry: entry["field"]),
            "stores": [
                {"title": store.title, "holds": store.holds, "keep": registry.keeps[store.keep].title}
                for store in registry.stores.values()
                if store.why == purpose.name
            ],
        }
        for purpose in sorted(registry.purposes.values(), key=lambda purpose: purpose.name)
    ]


def collected_table() -> list[dict[str, Any]]:
    """What we collect, for the privacy policy: title, purpose, keep, sensitive, recipients; each row once.

    Digests by which sealed values are found follow their field and have no row of their own.
    """
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for _, declaration in registry.inventory():
        if declaration.id.endswith(".index"):
            continue
        purpose, keep = registry.purposes[declaration.why], registry.keeps[declaration.keep]
        key = (str(declaration.title), purpose.title, keep.title)
        row = rows.setdefault(
            key,
            {
                "title": key[0],
                "purpose": key[1],
                "keep": key[2],
                "sensitive": False,
                "recipients": registry.recipients_of(purpose),
            },
        )
        row["sensitive"] = row["sensitive"] or declaration.sensitive is not None
    return sorted(rows.values(), key=lambda row: (row["purpose"], row["title"]))
