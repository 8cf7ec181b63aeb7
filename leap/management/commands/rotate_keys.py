"""`manage.py rotate_keys`: new keys for old, while everything runs; killed, it goes on when run again."""

import argparse
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils import timezone

from leap.services.rotation import Busy, roll_epochs, rotate_data_keys, rotate_index_key
from privacy.keystore.rotation.epochs import CannotRoll


class Command(BaseCommand):
    """Without an option: the keys of keys."""

    help = "Rotates the keys of keys (default), the data keys, or the key of the blind indexes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--epoch", action="store_true", help="a new key of keys in each set, everything wrapped under it"
        )
        which.add_argument(
            "--data", action="store_true", help="new data keys for everybody, every value sealed anew"
        )
        which.add_argument("--index", action="store_true", help="a new key of the blind indexes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["data"]:
                self._data()
            elif options["index"]:
                self._index()
            else:
                roll_epochs(tell=self._tell)
        except (CannotRoll, Busy) as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write("done")

    def _data(self) -> None:
        due = rotate_data_keys(tell=self._tell)
        if due is not None:
            at = f"{timezone.localtime(due):%H:%M:%S}"
            self.stdout.write(f"every value is sealed anew; the keys of before go after {at}:")
            self.stdout.write("the worker's hourly round sees to it, or run this again")

    def _index(self) -> None:
        left = rotate_index_key(tell=self._tell)
        if left:
            self.stdout.write(f"{left} indexes of people being erased stay as they were: run it again then")

    def _tell(self, what: str, done: int, total: int) -> None:
        share = done * 100 // total if total else 100
        self.stdout.write(f"{what}: {done:,} of {total:,} ({share} %)")
        self.stdout.flush()
