"""`manage.py purge_expired [--dry-run] [--rule NAME]`: what is over its time, gone or counted."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from privacy.retention.enums import RunState
from privacy.retention.models import PurgeRun
from privacy.retention.services import nightly
from privacy.retention.services.purging import engine_rules


class Command(BaseCommand):
    """Prints a line a rule as it is done. Exits 1 when a rule failed, or waits for a dry run."""

    help = "清理过了保存期的数据（--dry-run 只数不删）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and let nothing go")
        parser.add_argument("--rule", action="append", help="this rule alone; may be given again")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {rule.name: rule for rule in engine_rules()}
        wanted = options["rule"] or list(known)
        unknown = sorted(set(wanted) - known.keys())
        if unknown:
            raise CommandError(f"No such rule: {', '.join(unknown)}. There are: {', '.join(known)}.")
        only = [known[name] for name in wanted]
        at, dry = timezone.now(), options["dry_run"]
        wrong = 0
        for number, ended in enumerate(nightly.purge_expired(at=at, dry=dry, only=only), 1):
            if isinstance(ended, PurgeRun):
                self.stdout.write(f"{number}/{len(only)} {_told(ended)}")
                wrong += ended.state == RunState.PAUSED
            else:
                self.stdout.write(f"{number}/{len(only)} {ended[0].name}: failed ({type(ended[1]).__name__})")
                wrong += 1
        if wrong:
            raise CommandError(f"{wrong} of {len(only)} rules were not carried out.")


def _told(run: PurgeRun) -> str:
    counted = f"{run.due:,} of {run.of_all:,} due, {run.held:,} held"
    if run.dry:
        return f"{run.rule}: {counted}, report {run.digest[:12]}"
    if run.state == RunState.PAUSED:
        return f"{run.rule}: {counted}; paused: make a dry run, look at it, run again within 24 hours"
    return f"{run.rule}: {counted}, {run.rows:,} gone in {run.batches:,} batches ({run.state})"
