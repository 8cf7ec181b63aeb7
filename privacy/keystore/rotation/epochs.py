"""The life of a key of keys: it comes, everything is wrapped under it, the one before is emptied and goes.

Old data under a destroyed subject's key stays unreadable only as long as nobody can open an old copy of that
key. Copies stand in the key store's backups, wrapped under keys of keys of their day: once the last backup
of a day is gone, so is its key of keys, and the erasures of that day are final.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from kit.numbered_keys import NumberedKeys
from privacy.keystore import kek, store
from privacy.keystore.enums import KeySet
from privacy.keystore.models import KeyEpoch, SubjectKey
from privacy.keystore.rotation.progress import EPOCH, Tell, alone, quiet, unfinished
from privacy.keystore.rotation.wrapping import is_empty_but_for, wrap_all

logger = logging.getLogger(__name__)

BACKUPS_LIVE = timedelta(days=7)  # of the key store; a key of keys outlives its last use by as much
INDEXES_LIVE = timedelta(days=14)  # in backups of data: restored without their key, nobody is found again
ROLL_AFTER = timedelta(days=6)  # a week less a day, so that a worker that was away keeps final within 14 days
TOO_OLD = timedelta(days=10)


class CannotRoll(Exception):
    """The file of keys is not ours to write, and holds no newer key. The message says what to do."""

    def __init__(self, kek_set: str) -> None:
        name = kek.setting_of(kek_set)
        super().__init__(
            f"{name} is given by value, or by a file that we may not write: put a key with the next number "
            "behind the others (`,2:<base64>`), restart everything, and run this again."
        )


def roll(*, tell: Tell = quiet, sets: Iterable[KeySet] = kek.WRAPPING) -> bool:
    """Begin a new epoch in each set, or go on with one begun: every key is wrapped under it afterwards.

    False where another process is at it. Raises CannotRoll. It may be killed anywhere and run again, and
    everybody reads and writes meanwhile. Ends with destroying what was emptied long enough ago.
    """
    with alone() as mine:
        if mine:
            for kek_set in sets:
                _roll(kek_set, tell)
            destroy_emptied(at=timezone.now())
    return mine


def mind(*, at: datetime) -> None:
    """What the clock does: roll what is old enough, go on with what was begun, destroy what is over.

    Where the files are not ours to write, an epoch that grew too old is an error line.
    """
    with alone() as mine:
        if not mine:
            return
        for kek_set in kek.WRAPPING:
            _register_first(kek_set)
            age = at - _opened_at(kek_set)
            if _is_begun(kek_set) or _is_given(kek_set) or (age >= ROLL_AFTER and is_ours(kek_set)):
                _roll(kek_set, quiet)
            elif age >= TOO_OLD:
                logger.error(
                    "%s: the newest key is older than %d days", kek.setting_of(kek_set), TOO_OLD.days
                )
        destroy_emptied(at=at)


def note_emptied(kek_set: KeySet, *, below: int) -> None:
    """Put on record that nothing hangs on the older keys of a set any more."""
    _epochs(kek_set).filter(epoch__lt=below, emptied_at=None).update(emptied_at=timezone.now())


def destroy_emptied(*, at: datetime) -> list[str]:
    """Destroy the keys that were emptied as long ago as backups live; their names, such as `main 3`."""
    keys_over = Q(emptied_at__lte=at - BACKUPS_LIVE) & ~Q(kek_set=KeySet.INDEX)
    indexes_over = Q(emptied_at__lte=at - INDEXES_LIVE, kek_set=KeySet.INDEX)
    over = KeyEpoch.objects.filter(keys_over | indexes_over, destroyed_at=None)
    destroyed: list[str] = []
    for row in over.order_by("kek_set", "epoch"):
        keys = kek.keys_of(row.kek_set)
        if row.epoch in keys:
            if not is_ours(row.kek_set):
                logger.error("%s: take key %d out, it is over", kek.setting_of(row.kek_set), row.epoch)
                continue
            if SubjectKey.objects.filter(
                kek_set=row.kek_set, kek_epoch=row.epoch, wrapped__isnull=False
            ).exists():
                # A key store that was restored since: the next roll empties it again.
                KeyEpoch.objects.filter(pk=row.pk).update(emptied_at=None)
                continue
            _numbered(row.kek_set).drop(row.epoch)
        KeyEpoch.objects.filter(pk=row.pk).update(destroyed_at=at)
        destroyed.append(str(row))
    return destroyed


def live_epochs() -> list[str]:
    """The keys of keys that could open a subject's key today, or a backup's copy of it."""
    for kek_set in kek.WRAPPING:
        _register_first(kek_set)
    rows = KeyEpoch.objects.filter(kek_set__in=kek.WRAPPING, destroyed_at=None)
    return [str(row) for row in rows.order_by("kek_set", "epoch")]


def final_of(epochs: Iterable[str]) -> datetime | None:
    """When the last of those was destroyed; None while one is not."""
    asked = set(epochs)
    gone = {
        str(row): row.destroyed_at
        for row in KeyEpoch.objects.filter(kek_set__in=kek.WRAPPING)
        if row.destroyed_at is not None
    }
    if not asked or not asked <= gone.keys():
        return None
    return max(gone[name] for name in asked)


def epochs_final(at: datetime) -> datetime | None:
    """When whatever was destroyed at ``at`` became unreadable for whoever has an old key store too.

    That is when the last key of keys that was there at that moment was destroyed; None until then.
    """
    names: list[str] = []
    for kek_set in kek.WRAPPING:
        rows = list(_epochs(kek_set).order_by("epoch"))
        # The first was there before anybody kept record of it.
        names += [str(row) for row in rows if row is rows[0] or row.opened_at <= at]
    return final_of(names)


def is_ours(kek_set: str) -> bool:
    """Whether the keys of a set stand in a file that we may write."""
    keys = kek.keys_of(kek_set)
    return isinstance(keys, NumberedKeys) and keys.is_ours


def next_key(kek_set: KeySet) -> int:
    """A new key of a set, in use from now on, or one that was put there; its number. Raises CannotRoll."""
    _register_first(kek_set)
    if _is_given(kek_set):
        number, opened = max(kek.keys_of(kek_set)), _written_at(kek_set)
    elif is_ours(kek_set):
        number, opened = _numbered(kek_set).add(), timezone.now()
    else:
        raise CannotRoll(kek_set)
    KeyEpoch.objects.create(kek_set=kek_set, epoch=number, opened_at=opened)
    return number


def _roll(kek_set: KeySet, tell: Tell) -> None:
    epoch = max(kek.keys_of(kek_set)) if _is_begun(kek_set) else next_key(kek_set)
    wrap_all(kek_set, epoch, tell=tell)
    _note_emptied(kek_set, epoch)


def _register_first(kek_set: KeySet) -> None:
    """Put the keys of a set on record if none is: then a newer one is told from those of before."""
    if not _epochs(kek_set).exists():
        for epoch in kek.keys_of(kek_set):
            KeyEpoch.objects.create(kek_set=kek_set, epoch=epoch)


def _is_begun(kek_set: str) -> bool:
    return any(target.split()[0] == kek_set for target in unfinished(EPOCH))


def _is_given(kek_set: str) -> bool:
    """Whether somebody put a key there that has not been rolled to; a roll that was killed did, too."""
    known = _epochs(kek_set).aggregate(newest=Max("epoch"))["newest"]
    return known is not None and max(kek.keys_of(kek_set)) > known


def _written_at(kek_set: KeySet) -> datetime:
    """When a key that was put there may have been used first: not before its file was written."""
    keys = kek.keys_of(kek_set)
    written = keys.written_at if isinstance(keys, NumberedKeys) else None
    return max(written, _opened_at(kek_set)) if written else _opened_at(kek_set)


def _note_emptied(kek_set: KeySet, epoch: int) -> None:
    """Only while nobody can make a key: whoever began to is waited for, and finds the trigger afterwards."""
    while True:
        with transaction.atomic(using=store.database()):
            with connections[store.database()].cursor() as cursor:
                cursor.execute("LOCK TABLE keystore_subjectkey IN SHARE ROW EXCLUSIVE MODE")
            if is_empty_but_for(kek_set, epoch):
                note_emptied(kek_set, below=epoch)
                return
        wrap_all(kek_set, epoch)


def _numbered(kek_set: str) -> NumberedKeys:
    keys = kek.keys_of(kek_set)
    if not isinstance(keys, NumberedKeys):
        raise CannotRoll(kek_set)
    return keys


def _opened_at(kek_set: str) -> datetime:
    newest = _epochs(kek_set).order_by("-epoch").first()
    return newest.opened_at if newest else timezone.now()


def _epochs(kek_set: str) -> QuerySet[KeyEpoch]:
    return KeyEpoch.objects.filter(kek_set=kek_set)
