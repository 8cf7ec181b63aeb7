"""The record of processing (PIPL 55 and 56, GDPR 30), gathered from the declarations."""

from collections import defaultdict
from typing import Any

from privacy.inventory import registry
from privacy.inventory.declarations import Personal, Store
from privacy.inventory.enums import Shape
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
    "child": "未满 15 周岁的人的信息",
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
                _store_entry(store) for store in registry.stores.values() if store.why == purpose.name
            ],
        }
        for purpose in sorted(registry.purposes.values(), key=lambda purpose: purpose.name)
    ]


def _store_entry(store: Store) -> dict[str, str]:
    keep = registry.keeps[store.keep]
    return {"title": store.title, "holds": store.holds, "keep": keep.title, "source": keep.source}


def collected_table() -> list[dict[str, Any]]:
    """What we hold about parents, for the policy: title, purpose, keep, guard, recipients; each row once.

    Columns with one title are one row. Left to the record of processing: what is the staff's own, the digests
    by which sealed values are found and codes are tried, and stores that parents need not know.
    """
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for _, declaration in registry.inventory():
        if told(declaration):
            row = _row(rows, str(declaration.title), declaration.why, declaration.keep)
            row["sensitive"] = row["sensitive"] or declaration.sensitive is not None
            row["sealed"] = row["sealed"] or declaration.sealed
    for store in registry.stores.values():
        if store.told and not registry.purposes[store.why].of_staff:
            _row(rows, f"{store.title}（{store.holds}）", store.why, store.keep)
    places = {purpose.title: purpose.place for purpose in registry.purposes.values()}
    return sorted(rows.values(), key=lambda row: (places[row["purpose"]], row["purpose"], row["title"]))


def told_for_consent(why: str) -> list[dict[str, Any]]:
    """What is collected for one purpose, as people read it before they say yes: one entry a time limit.

    Each says the purpose and how long (``keep``), and of each of its ``fields`` the title, why it is needed,
    and whether it is sealed.
    """
    entries: dict[str, dict[str, Any]] = {}
    for _, declaration in registry.inventory():
        if declaration.why == why and told(declaration):
            keep, purpose = registry.keeps[declaration.keep].title, registry.purposes[why].title
            entry = entries.setdefault(keep, {"purpose": purpose, "keep": keep, "fields": []})
            field = {
                "title": str(declaration.title),
                "necessity": str(declaration.necessity),
                "sealed": declaration.sealed,
            }
            if field not in entry["fields"]:
                entry["fields"].append(field)
    for entry in entries.values():
        entry["fields"].sort(key=lambda field: not field["sealed"])  # what is the child's own comes first
    return list(entries.values())


def told(declaration: Personal) -> bool:
    """Whether the policy's table speaks of the field."""
    digest = declaration.shape == Shape.INDEX or (declaration.is_credential and not declaration.sealed)
    return not digest and not registry.purposes[declaration.why].of_staff


def _row(rows: dict[tuple[str, str, str], dict[str, Any]], title: str, why: str, keep: str) -> dict[str, Any]:
    purpose = registry.purposes[why]
    key = (title, purpose.title, registry.keeps[keep].title)
    row = {"title": key[0], "purpose": key[1], "keep": key[2], "sensitive": False, "sealed": False}
    return rows.setdefault(key, {**row, "recipients": registry.recipients_of(purpose)})
