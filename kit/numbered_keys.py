"""Secret keys by number, from a file that may grow and shrink while we run: `1:<base64>,2:<base64>`."""

import base64
import binascii
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

KEY_LENGTH = 32  # bytes; AES-256 and HMAC-SHA256 both take them
_LAST_NUMBER = 2**31 - 1  # what the column that names one holds

logger = logging.getLogger(__name__)


def read_keys(text: str, *, bare: bool = False) -> dict[int, bytes]:
    """The keys written in ``text``, with commas or line ends between; ``bare``: one without a number is 1.

    Raises ValueError, whose words are advice and hold nothing of the text.
    """
    keys: dict[int, bytes] = {}
    for part in text.replace("\n", ",").split(","):
        if not part.strip():
            continue
        number, colon, encoded = part.strip().partition(":")
        if bare and not colon:
            number, encoded = "1", number
        if not (number.isascii() and number.isdigit()) or not 0 < int(number) <= _LAST_NUMBER:
            raise ValueError("should read 1:<base64>, and 2:<base64> after a comma")
        if int(number) in keys:
            raise ValueError(f"holds two keys with the number {int(number)}")
        keys[int(number)] = _key(encoded)
    if not keys:
        raise ValueError("should read 1:<base64>, and 2:<base64> after a comma")
    return keys


class NumberedKeys(Mapping[int, bytes]):
    """The keys by number. Where they come from a file, a change of it is noticed at the next look.

    Looking costs one `stat` where a key is missing or the newest is asked for, and nothing otherwise. A file
    that cannot be read any more leaves the keys as they were, and is logged.
    """

    def __init__(self, keys: Mapping[int, bytes], *, path: Path | None = None, bare: bool = False) -> None:
        self._keys, self._bare = dict(keys), bare
        self.path = path.resolve() if path else None
        self._seen = self._mark()

    def __getitem__(self, number: int) -> bytes:
        if number not in self._keys:
            self.refresh()
        return self._keys[number]

    def __iter__(self) -> Iterator[int]:
        self.refresh()
        return iter(sorted(self._keys))

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<keys {', '.join(map(str, sorted(self._keys)))}>"

    def refresh(self) -> None:
        """Read the file anew if it is another one than the last time."""
        mark = self._mark()
        if self.path is None or mark == self._seen:
            return
        try:
            self._keys = read_keys(self.path.read_text(encoding="utf-8"), bare=self._bare)
        except (OSError, ValueError):
            logger.error("%s cannot be read anew; the keys of before stay in use", self.path)
        self._seen = mark

    @property
    def written_at(self) -> datetime | None:
        """When the file was last written; None where there is none."""
        mark = self._mark()
        return datetime.fromtimestamp(mark[1] / 1e9, UTC) if mark else None

    @property
    def is_ours(self) -> bool:
        """Whether the file may be replaced by us: it and its folder are this user's to write."""
        path = self.path
        if path is None or not path.is_file():
            return False
        return (
            path.stat().st_uid == os.geteuid()
            and os.access(path, os.W_OK)
            and os.access(path.parent, os.W_OK)
        )

    def add(self) -> int:
        """Make a new key, safe on disk before anybody uses it; its number."""
        self.refresh()
        number = max(self._keys) + 1
        self._write({**self._keys, number: secrets.token_bytes(KEY_LENGTH)})
        return number

    def drop(self, number: int) -> None:
        """Take a key out of the file for good. Never the last one: raises ValueError."""
        self.refresh()
        left = {known: key for known, key in self._keys.items() if known != number}
        if not left:
            raise ValueError("the last key stays")
        self._write(left)

    def _write(self, keys: Mapping[int, bytes]) -> None:
        if self.path is None:
            raise RuntimeError("keys given by value are nobody's to write")
        text = ",\n".join(
            f"{number}:{base64.b64encode(key).decode()}" for number, key in sorted(keys.items())
        )
        draft = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            os.fchmod(file.fileno(), self.path.stat().st_mode & 0o777)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        _sync_folder(self.path.parent)
        self.refresh()

    def _mark(self) -> tuple[int, int, int] | None:
        if self.path is None:
            return None
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size


def _key(encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("holds something that is not base64") from None
    if len(key) != KEY_LENGTH:
        raise ValueError(f"should hold {KEY_LENGTH} bytes in base64 for each key, not {len(key)}")
    return key


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
