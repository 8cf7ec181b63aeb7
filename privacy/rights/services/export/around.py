"""What stands beside the data in a package: what fields mean, who gets what, what is left out and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from django.utils.translation import gettext as _

from privacy.inventory import lock, registry
from privacy.rights.services.export.sources import Source
from privacy.rights.services.holdings import areas, excluded


def as_json(value: object) -> bytes:
    """As the files of a package hold it: readable, and the same bytes for the same value."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def inventory_version() -> str:
    """Which declarations a package was made from: the hash of the committed list of them."""
    return hashlib.sha256(lock.LOCK.read_bytes()).hexdigest()


def schema_of(source: Source) -> dict[str, object]:
    """A table's JSON Schema: each field by its declared id, with the name people read."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": source.title,
        "type": "array",
        "items": {
            "type": "object",
            "properties": {name: {"type": "string", "title": title} for name, title in source.columns},
            "required": [name for name, _title in source.columns],
            "additionalProperties": False,
        },
    }


def sharing() -> dict[str, object]:
    """Who outside gets what we hold, for what. Honest about what is not on record.

    No list of single handings-over is kept yet: the messages in the package say which went to a number.
    """
    held_for = {field.why for area in areas() for field in area.fields}
    return {
        "recipients": [
            {
                "purpose": purpose.title,
                "basis": purpose.basis,
                "recipients": [
                    {"name": recipient.title, "kind": recipient.kind}
                    for recipient in (registry.recipients[name] for name in purpose.shared_with)
                ],
            }
            for purpose in sorted(registry.purposes.values(), key=lambda purpose: purpose.place)
            if purpose.shared_with and purpose.name in held_for
        ],
        "records": [],
        "note": _(
            "上面是我们会提供信息的接收方和目的。每一次具体提供给谁、提供了什么，现在还没有逐次的记录；"
            "发给您的短信在“数据”里逐条列出，每条都经过短信服务商发送。"
        ),
    }


def left_out() -> list[dict[str, str]]:
    """What nobody is given, and why."""
    return [
        {
            "field": str(entry.id),
            "table": str(entry.area),
            "title": str(entry.title),
            "reason": str(entry.reason),
        }
        for entry in excluded()
    ]


def receipts(lines: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Each proof of consent as a file of its own. A zip shows names to everybody: they say nothing."""
    for number, line in enumerate(lines, 1):
        yield f"consents/{number:04d}.json", as_json(json.loads(line))
