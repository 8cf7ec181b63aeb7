"""Puts a backup back. What was erased since is carried out again by `prepare`, before anything is served."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leap.services.backups.restoring import MEMBERS, restore
from leap.services.backups.trouble import BackupTrouble


class Command(BaseCommand):
    help = "Put a backup back, the newest one by default, while the product is stopped."
    requires_system_checks: list[str] = []  # what is there may be empty, or older than the code

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("stamp", nargs="?", help="its name, such as 20261122T190000Z")
        parser.add_argument("--only", nargs="+", choices=MEMBERS, default=(), metavar="MEMBER", help=_ONLY)

    def handle(self, **options: Any) -> None:
        try:
            stamp = restore(
                stamp=options["stamp"],
                only=options["only"],
                progress=lambda what: self.stdout.write(f"  {what}: back"),
            )
        except BackupTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(
            f"backup {stamp}: restored. Next is `manage.py prepare`, which `make run` does by itself: it "
            "brings the tables up to date and carries out again what was erased since. "
            "Nothing is served before."
        )


_ONLY = f"some of it alone: {', '.join(MEMBERS)}"
