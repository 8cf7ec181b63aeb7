"""`manage.py privacy_inventory`: the record of processing, and the lock of ids."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.inventory import checks, lock
from privacy.inventory.record import processing_record


class Command(BaseCommand):
    """Prints what we process and why; with --write-lock commits to the ids declared."""

    help = "个人信息处理活动记录（按目的列出字段、等级、保存期限与接收方）"
    requires_system_checks: list[
        str
    ] = []  # run below, so that a stale lock does not keep it from being written

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=("text", "markdown", "json"), default="text")
        parser.add_argument(
            "--write-lock", action="store_true", help="write privacy/inventory/inventory.lock"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        writing = options["write_lock"]
        wrong = checks.findings(without_lock=writing)
        if wrong:
            raise CommandError("\n".join(f"{finding.id} {finding.msg}" for finding in wrong))
        if writing:
            self._write_lock()
            return
        printer = {"text": _as_text, "markdown": _as_markdown, "json": _as_json}[options["format"]]
        self.stdout.write(printer(processing_record()))

    def _write_lock(self) -> None:
        for change in lock.differences():
            self.stdout.write(change)
        lock.write()
        left = list(lock.differences())
        if left:
            raise CommandError("\n".join(left))
        self.stdout.write(f"wrote {len(lock.current())} ids")


def _as_json(record: list[dict[str, Any]]) -> str:
    return json.dumps(record, ensure_ascii=False, indent=1)


def _as_text(record: list[dict[str, Any]]) -> str:
    lines: list[str] = ["个人信息处理活动记录", ""]
    for entry in record:
        lines += [
            f"目的：{entry['title']}",
            f"  法律依据：{entry['basis']}",
            f"  接收方：{_recipients(entry)}",
        ]
        for field in entry["fields"]:
            notes = "，".join(_notes(field))
            lines += [f"  · {field['title']}（{field['field']}）", f"      {notes}；保存：{field['keep']}"]
        lines += [
            f"  · {store['title']}：{store['holds']}；保存：{store['keep']}" for store in entry["stores"]
        ]
        lines.append("")
    return "\n".join(lines)


def _as_markdown(record: list[dict[str, Any]]) -> str:
    lines: list[str] = ["# 个人信息处理活动记录", ""]
    for entry in record:
        lines += [
            f"## {entry['title']}",
            "",
            f"法律依据：{entry['basis']}。接收方：{_recipients(entry)}。",
            "",
        ]
        lines += ["| 信息 | 字段 | 等级与保护 | 保存期限 | 依据 |", "|---|---|---|---|---|"]
        lines += [
            f"| {f['title']} | `{f['field']}` | {'，'.join(_notes(f))} | {f['keep']} | {f['source']} |"
            for f in entry["fields"]
        ]
        lines += [
            f"| {s['title']} | — | {s['holds']} | {s['keep']} | {s['source']} |" for s in entry["stores"]
        ]
        lines.append("")
    return "\n".join(lines)


def _recipients(entry: dict[str, Any]) -> str:
    return "、".join(entry["recipients"]) or "无"


def _notes(field: dict[str, Any]) -> list[str]:
    notes = [field["category"], field["grade"]]
    if field["sensitive"]:
        notes.append(f"敏感：{field['sensitive']}")
    notes.append("加密存储" if field["sealed"] else "明文存储")
    return notes
