"""The files of a package: a folder of its own, each file sealed under the package's key."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from privacy.inventory.enums import Klass
from privacy.keystore.streams import SealingStream, open_stream

ZIP = "package.zip"


class Parts:
    """What has been made of a package so far. A part is there whole or, under its name, not at all."""

    def __init__(self, package_id: UUID) -> None:
        self._id = package_id
        self.folder = Path(settings.MEDIA_ROOT) / "exports" / str(package_id)

    @contextmanager
    def making(self, name: str, attempt: int) -> Iterator[SealingStream]:
        """Seal a part into a file of this attempt's own. It gets its name by `place`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.unplaced(name, attempt).open("wb") as file:
            stream = SealingStream(file, name=name, subject=self._id, klass=Klass.EXPORT)
            yield stream
            stream.finish()
            file.flush()
            os.fsync(file.fileno())

    def unplaced(self, name: str, attempt: int) -> Path:
        """Where an attempt makes a part."""
        return self.folder / f"{name}.{attempt}"

    def place(self, names: Iterable[str], attempt: int) -> None:
        """Give parts their names. Only while the package is held: nobody else is placing any."""
        for name in names:
            self.unplaced(name, attempt).replace(self.folder / name)
        descriptor = os.open(self.folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)

    def read(self, name: str) -> Iterator[bytes]:
        """What a part holds, in chunks. Raises Erased, Frozen, Tampered."""
        with (self.folder / name).open("rb") as file:
            yield from open_stream(file, name=name, subject=self._id, klass=Klass.EXPORT)

    def lines(self, name: str) -> Iterator[bytes]:
        """What a part holds, line by line, without the ends of lines."""
        rest = b""
        for chunk in self.read(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
        if rest:
            yield rest

    def size(self, name: str) -> int:
        """Bytes of a part as it is stored."""
        return (self.folder / name).stat().st_size

    def keep_only(self, names: Iterable[str]) -> None:
        """Delete every other file."""
        kept = set(names)
        for path in self.folder.iterdir():
            if path.name not in kept:
                path.unlink()

    def remove(self) -> None:
        """Delete all of it; again where it broke off."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
