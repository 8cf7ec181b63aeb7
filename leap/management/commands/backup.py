"""Backs everything up: the nightly round, by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from leap.services.backups.making import back_up
from leap.services.backups.shelves import SHELVES
from leap.services.backups.trouble import BackupTrouble


class Command(BaseCommand):
    help = (
        "Back up the databases, the media and, apart from them, the key store, all encrypted, into "
        "${LEAP_HOME}/backups; delete backups that are too old. The keys in ${LEAP_HOME}/keys are not in it."
    )

    def handle(self, **options: Any) -> None:
        try:
            stamp = back_up(progress=lambda what, size: self.stdout.write(f"  {what}: {size:,} bytes"))
        except BackupTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        kept = ", ".join(f"{shelf.name} {shelf.kept.days} days" for shelf in SHELVES)
        self.stdout.write(f"backup {stamp}: made; kept at most: {kept}")
