"""Writing: what was collected of a table, as JSON, as CSV and as a section of a page, each a sealed part."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kit.csv_cells import BOM, safe_cell
from privacy.keystore.streams import SealingStream
from privacy.rights.models import ExportStep
from privacy.rights.services.export.collecting import collected
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.export.sources import Row, Source
from privacy.rights.services.export.working import Work


class Kind(Protocol):
    """One way to write a table, row by row."""

    def __init__(self, out: SealingStream, source: Source) -> None: ...
    def row(self, row: Row) -> None: ...
    def end(self, rows: int) -> None: ...


class AsJson:
    """An array of objects, by the declared ids of fields."""

    def __init__(self, out: SealingStream, source: Source) -> None:
        self._out, self._before = out, "[\n"

    def row(self, row: Row) -> None:
        self._out.write(f"{self._before}{json.dumps(row, ensure_ascii=False)}".encode())
        self._before = ",\n"

    def end(self, rows: int) -> None:
        self._out.write(b"\n]\n" if rows else b"[]\n")


class AsCsv:
    """A table for spreadsheets: a byte order mark, every cell quoted, none of them a formula."""

    def __init__(self, out: SealingStream, source: Source) -> None:
        self._ids = [name for name, _title in source.columns]
        self._table = csv.writer(_Encoding(out), quoting=csv.QUOTE_ALL)
        out.write(BOM.encode())
        self._table.writerow([safe_cell(title) for _name, title in source.columns])

    def row(self, row: Row) -> None:
        self._table.writerow([safe_cell(str(row[name])) for name in self._ids])

    def end(self, rows: int) -> None:
        """Nothing follows the last row."""


class AsHtml:
    """A section of a page: each row a list of what it says, whatever is in it escaped."""

    def __init__(self, out: SealingStream, source: Source) -> None:
        self._out, self._titles = out, dict(source.columns)
        self._put(format_html('<section id="{}">\n<h2>{}</h2>\n', source.name, source.title))

    def row(self, row: Row) -> None:
        said = [(self._titles[name], value) for name, value in row.items() if value != ""]
        self._put(format_html("<dl>{}</dl>\n", format_html_join("", "<dt>{}</dt><dd>{}</dd>", said)))

    def end(self, rows: int) -> None:
        self._put(format_html("<p>{}</p>\n</section>\n", _("共 %(rows)d 条") % {"rows": rows}))

    def _put(self, html: SafeString) -> None:
        self._out.write(html.encode())


class _Encoding:
    """What `csv` writes to: text in, bytes out."""

    def __init__(self, out: SealingStream) -> None:
        self._out = out

    def write(self, text: str, /) -> int:
        return self._out.write(text.encode())


KINDS: dict[str, type[Kind]] = {"json": AsJson, "csv": AsCsv, "html": AsHtml}


def written(name: str, kind: str) -> str:
    """The part that holds a table in one of ``KINDS``."""
    return f"{name}.{kind}"


def write(work: Work, parts: Parts, source: Source) -> None:
    """Write one table in all its kinds. Raises LeaseLost."""
    names = [written(source.name, kind) for kind in KINDS]
    with ExitStack() as opened:
        outs = [opened.enter_context(parts.making(name, work.attempt)) for name in names]
        kinds = [make(out, source) for make, out in zip(KINDS.values(), outs, strict=True)]
        rows = 0
        for rows, row in enumerate(_collected(parts, source), 1):  # noqa: B007  the last count is asked for
            for kind in kinds:
                kind.row(row)
            work.beat()
        for kind in kinds:
            kind.end(rows)
    with work.held():
        parts.place(names, work.attempt)
        step = ExportStep.objects.filter(package_id=work.package_id, area=source.name)
        step.update(written_at=timezone.now())


def _collected(parts: Parts, source: Source) -> Iterator[Row]:
    for line in parts.lines(collected(source.name)):
        yield json.loads(line)
