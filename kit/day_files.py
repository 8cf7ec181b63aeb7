"""Lines kept in a file a day, readable by their owner alone, and dropped whole once their time is over."""

import logging
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

_SUFFIX = ".jsonl"
_HERE = ZoneInfo("Asia/Shanghai")


class TooYoung(ValueError):
    """Files were to go that have to be kept longer."""


class DayFile(logging.Handler):
    """Appends each record to the file of its day (Asia/Shanghai). Any number of processes share one.

    A line is one write to a file opened for appending, so lines of two processes never mix.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self._folder = Path(folder)
        self._open: tuple[date, int] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """One line. A disk that is full is told on stderr, as logging does; no request fails for it."""
        try:
            day = datetime.fromtimestamp(record.created, _HERE).date()
            os.write(self._file_of(day), f"{self.format(record)}\n".encode())
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Closes the day's file."""
        self._let_go()
        super().close()

    def _file_of(self, day: date) -> int:
        if self._open is None or self._open[0] != day:
            self._let_go()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._open = (day, os.open(path_of(self._folder, day), flags, 0o600))
        return self._open[1]

    def _let_go(self) -> None:
        if self._open is not None:
            os.close(self._open[1])
            self._open = None


def path_of(folder: Path, day: date) -> Path:
    """The file of a day."""
    return folder / f"{day.isoformat()}{_SUFFIX}"


def days_in(folder: Path) -> Iterator[date]:
    """The days that have a file, the oldest first."""
    for path in sorted(folder.glob(f"????-??-??{_SUFFIX}")):
        yield date.fromisoformat(path.name.removesuffix(_SUFFIX))


def drop_older(folder: Path, *, today: date, than: timedelta, least: timedelta) -> list[date]:
    """Delete the files whose whole day is longer ago than ``than``; which days.

    Raises TooYoung, and deletes nothing, where that is less than the ``least`` the law asks for.
    """
    if than < least:
        raise TooYoung(f"kept for {least.days} days at least, not {than.days}")
    gone = [day for day in days_in(folder) if today - day > than]
    for day in gone:
        path_of(folder, day).unlink(missing_ok=True)
    return gone
