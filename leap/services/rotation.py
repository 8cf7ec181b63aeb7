"""Rotations as an operator or the clock begins them, on record among the deeds."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from privacy.actors import SYSTEM
from privacy.audit.services import record
from privacy.inventory.rotation.reindexing import rotate_index
from privacy.inventory.rotation.resealing import finish_data, rotate_data
from privacy.keystore.rotation import epochs
from privacy.keystore.rotation.progress import INDEX, Tell, unfinished


class Busy(Exception):
    """Another process rotates keys at this moment."""

    def __init__(self) -> None:
        super().__init__("Another process is rotating keys. Try again when it has ended.")


def roll_epochs(*, tell: Tell) -> None:
    """Begin a new epoch of the keys of keys, everything wrapped under it. Raises Busy, CannotRoll."""
    if not epochs.roll(tell=tell):
        raise Busy
    _note("epoch")


def rotate_data_keys(*, tell: Tell) -> datetime | None:
    """New data keys, every value sealed anew; from when on those before go, if they have not. Raises Busy."""
    if finish_data(at=timezone.now()):
        return None
    due = rotate_data(tell=tell)
    _note("data")
    return due


def rotate_index_key(*, tell: Tell) -> int:
    """A new key of the blind indexes; how many indexes had to stay. Raises Busy, CannotRoll."""
    left = rotate_index(tell=tell)
    _note("index")
    return left


def mind_keys() -> None:
    """The hourly round: rolls what is a week old, goes on with what was begun, ends what is over."""
    epochs.mind(at=timezone.now())
    finish_data(at=timezone.now())
    if unfinished(INDEX):
        rotate_index()


@transaction.atomic
def _note(kind: str) -> None:
    record("keys.rotated", by=SYSTEM, detail={"kind": kind})
