"""Looks everywhere for what is left of somebody who was erased. Says where and how often, never what."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from kit.needles import TooShort, Value
from leap.services.residue.cleaning import clean
from leap.services.residue.reach import Reach
from leap.services.residue.scanning import PlaceReport, findings, scan
from leap.services.residue.self_test import self_test
from privacy.erasure.enums import RunKind
from privacy.erasure.services.residue_runs import record_run


class Command(BaseCommand):
    help = (
        "Proves that the search finds copies planted in every place, then looks for the last canary's "
        "values; with --values-from for these, one a line. Exit 1 on findings."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--values-from", metavar="FILE", help="values, one a line; - reads the input")
        parser.add_argument("--clean", action="store_true", help="first rewrite what only looks deleted")
        parser.add_argument("--canary", action="store_true", help="make a canary, erase it, look for it")

    def handle(self, **options: Any) -> None:
        reach = Reach.here()
        if options["clean"]:
            self._clean(reach)
        if options["canary"]:
            self._canary()
        elif options["values_from"]:
            self._scan(reach, _values(options["values_from"]))
        else:
            self._prove(reach)
            self._scan(reach, self._last_canary())

    def _clean(self, reach: Reach) -> None:
        done = clean(reach=reach)
        self.stdout.write(f"cleaned: {done.tables} tables rewritten, log of changes begun anew")
        if done.left:
            self.stdout.write(f"left as they are, too large or in use: {', '.join(done.left)}")
        if done.not_ours:
            self.stdout.write(f"on servers of their own, not cleaned: {', '.join(done.not_ours)}")

    def _prove(self, reach: Reach) -> None:
        """The search itself, before anybody trusts what it does not find."""
        begun_at = timezone.now()
        missed = self_test(reach=reach)
        for place, what in missed.items():
            self.stdout.write(f"self-test {place:<14} {'ok' if not what else 'MISSED ' + '; '.join(what)}")
        count = sum(map(len, missed.values()))
        places: dict[str, object] = {place: {"found": 0, "missed": what} for place, what in missed.items()}
        record_run(kind=RunKind.SELF_TEST, begun_at=begun_at, places=places, findings=count)
        if count:
            raise CommandError("The search misses what lies there: what it does not find proves nothing.")

    def _scan(self, reach: Reach, values: Sequence[Value]) -> None:
        if not values:
            self.stdout.write("no canary yet: the nightly one, or --canary, leaves values to look for")
            return
        begun_at = timezone.now()
        try:
            reports = scan(values, reach=reach, tell=self._tell)
        except TooShort as error:
            raise CommandError(f"{error} Leave it out.") from error
        count = findings(reports)
        places: dict[str, object] = {report.name: report.as_json() for report in reports}
        record_run(kind=RunKind.SCAN, begun_at=begun_at, places=places, findings=count)
        self.stdout.write(f"{len(values)} values, {count} findings")
        if count:
            raise SystemExit(1)

    def _tell(self, report: PlaceReport) -> None:
        if report.unreached:
            self.stdout.write(f"{report.name:<14} not looked at: {report.unreached}")
            return
        read = f"{report.files:>6} files {report.bytes / 1e6:>9.1f} MB"
        self.stdout.write(f"{report.name:<14} {read} {report.found:>4} found  {report.note}".rstrip())
        for piece, hits in sorted(report.hits.items()):
            said = ", ".join(sorted({f"value {hit.value + 1} as {hit.spelling}" for hit in hits}))
            self.stdout.write(f"  {piece}: {said}")

    def _last_canary(self) -> Sequence[Value]:
        from website.canary.values import last_values

        return last_values()

    def _canary(self) -> None:
        from leap.canary import run_canary

        run = run_canary(tell=self._tell)
        said = f"canary: {len(run.covered)} tables, {run.findings} findings {run.failure}"
        self.stdout.write(said.rstrip())
        if run.findings or run.failure:
            raise SystemExit(1)


def _values(source: str) -> list[Value]:
    text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    return [_typed(line.strip()) for line in text.splitlines() if line.strip()]


def _typed(line: str) -> Value:
    with suppress(ValueError):
        return UUID(line)
    return line
