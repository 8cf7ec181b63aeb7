"""Where the keys of keys come from: two sets, numbered epochs, the highest of which wraps."""

from collections.abc import Mapping

from django.conf import settings

from privacy.keystore.enums import KeySet
from privacy.keystore.exceptions import KeyEncryptionKeyMissing

MINOR = "minor"  # the retention class of what is known about children; the inventory names it too
_SETTINGS = {
    KeySet.MAIN: ("KEY_ENCRYPTION_KEYS", "LEAP_KEY_ENCRYPTION_KEYS"),
    KeySet.MINORS: ("MINORS_KEY_ENCRYPTION_KEYS", "LEAP_MINORS_KEY_ENCRYPTION_KEYS"),
    KeySet.INDEX: ("INDEX_KEYS", "LEAP_INDEX_KEY"),
}
WRAPPING = (KeySet.MAIN, KeySet.MINORS)


def set_of(klass: str) -> KeySet:
    """Which set wraps keys of a class."""
    return KeySet.MINORS if klass == MINOR else KeySet.MAIN


def keys_of(kek_set: str) -> Mapping[int, bytes]:
    """The keys of a set by epoch, as they are at this moment."""
    keys: Mapping[int, bytes] = getattr(settings, _SETTINGS[KeySet(kek_set)][0])
    return keys


def newest(kek_set: str) -> tuple[int, bytes]:
    """The epoch that wraps now, and its key."""
    keys = keys_of(kek_set)
    epoch = max(keys)
    return epoch, keys[epoch]


def key_of(kek_set: str, epoch: int) -> bytes:
    """The key of an epoch. Raises KeyEncryptionKeyMissing."""
    try:
        return keys_of(kek_set)[epoch]
    except KeyError:
        raise missing(kek_set, epoch) from None


def missing(kek_set: str, epoch: int) -> KeyEncryptionKeyMissing:
    """What to raise where that epoch's key is not there, or is another."""
    return KeyEncryptionKeyMissing(epoch, setting=setting_of(kek_set))


def setting_of(kek_set: str) -> str:
    """What the environment calls a set."""
    return _SETTINGS[KeySet(kek_set)][1]
