"""Collecting: of each database everything at one moment, into sealed parts, one a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from privacy.rights.models import ExportPackage, ExportStep
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.export.snapshot import snapshot
from privacy.rights.services.export.sources import Source, by_database
from privacy.rights.services.export.working import Work


def collected(name: str) -> str:
    """The part that holds a table's rows, one line each."""
    return f"{name}.lines"


def plan(package: ExportPackage, sources: Sequence[Source]) -> None:
    """Write down the steps there are, once; what was planned before stays as far as it has come."""
    ExportStep.objects.bulk_create(
        [
            ExportStep(package=package, area=source.name, position=position)
            for position, source in enumerate(sources)
        ],
        ignore_conflicts=True,
    )


def collect(work: Work, parts: Parts, sources: Sequence[Source]) -> None:
    """Collect what has not been collected. A database that broke off is looked at anew, as it is then.

    Raises LeaseLost.
    """
    steps = ExportStep.objects.filter(package_id=work.package_id)
    done = set(steps.filter(collected_at__isnull=False).values_list("area", flat=True))
    for database, theirs in by_database(sources):
        if not all(source.name in done for source in theirs):
            _collect_database(work, parts, database, theirs)


def _collect_database(work: Work, parts: Parts, database: str, sources: Sequence[Source]) -> None:
    """The parts get their names, and the steps are marked, all at once: they are of one moment."""
    counted: dict[str, int] = {}
    with snapshot(database) as (alias, as_of):
        for source in sources:
            counted[source.name] = _collect_source(work, parts, source, alias)
    with work.held():
        parts.place([collected(source.name) for source in sources], work.attempt)
        for name, rows in counted.items():
            _mark(work, name, rows, as_of)


def _collect_source(work: Work, parts: Parts, source: Source, alias: str) -> int:
    rows = 0
    with parts.making(collected(source.name), work.attempt) as part:
        for row in source.rows(alias):
            line = json.dumps(row, ensure_ascii=False, default=str)  # translated words are lazy
            part.write(line.encode() + b"\n")
            rows += 1
            work.beat()
    return rows


def _mark(work: Work, name: str, rows: int, as_of: datetime) -> None:
    step = ExportStep.objects.filter(package_id=work.package_id, area=name)
    step.update(rows=rows, as_of=as_of, collected_at=timezone.now(), written_at=None)
