"""Logs on their way out: yesterday's visits made anonymous, a year ago's dropped, a program's own turned."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kit.day_files import days_in, drop_older, path_of
from leap.services.home import write_private
from privacy.inventory.periods import period_of
from privacy.inventory.registry import keeps
from privacy.retention.services.anonymising import Coarser, Value, anonymise

logger = logging.getLogger(__name__)

BEHAVIOUR_LEAST = timedelta(days=365)  # L-PP-4.1-3d: a year at least
_SLOW = (10, 30, 100, 300, 1000, 3000)  # milliseconds
# A program's file is turned once a month: its oldest line is a month older than its name, at the most.
_TURNED_KEPT = timedelta(days=330)


def tidy_logs(folder: Path, *, today: date) -> int:
    """Everything the logs under ``folder`` are due for on a day; how many files went."""
    for day in days_in(folder / "behaviour"):
        if timedelta(0) < today - day <= timedelta(days=2):
            make_anonymous(path_of(folder / "behaviour", day))
    gone = drop_older(
        folder / "behaviour", today=today, than=period_of("logs"), least=BEHAVIOUR_LEAST
    ) + drop_older(folder / "security", today=today, than=period_of("logs"), least=keeps["logs"].floor)
    return len(gone) + turn(folder, today=today)


def make_anonymous(path: Path) -> None:
    """Rewrite a day of visits so that no line stands out: hours for minutes, and nothing that was rare."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    told = anonymise(rows, coarser=_COARSER)
    write_private(path, "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in told))


def turn(folder: Path, *, today: date) -> int:
    """Set a month's lines of each program's log aside, and drop what is a year old; how many files went.

    The programs go on writing into the file they have open, so it is copied and emptied, not renamed.
    """
    month = f"{today:%Y-%m}"
    for path in sorted(folder.glob("*.log")):
        aside = path.with_name(f"{path.name}.{month}")
        if path.stat().st_size and not aside.exists():
            shutil.copyfile(path, aside)
            aside.chmod(0o600)
            with path.open("r+b") as file:
                file.truncate()
    gone = list(_old(folder, today))
    for path in gone:
        path.unlink()
    return len(gone)


def _old(folder: Path, today: date) -> Iterator[Path]:
    for path in sorted(folder.glob("*.log.*")):
        last = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        if today - last > _TURNED_KEPT:
            yield path


def _hour(value: Value) -> Value:
    return value if value is None else f"{str(value)[:13]}:00+00:00"


def _day(value: Value) -> Value:
    return value if value is None else str(value)[:10]


def _bucket(value: Value) -> Value:
    """Milliseconds as the nearest of a few figures they do not exceed."""
    return value if value is None else next((most for most in _SLOW if int(value) <= most), _SLOW[-1] * 10)


def _nothing(value: Value) -> Value:
    return None


_COARSER: dict[str, tuple[Coarser, ...]] = {
    "at": (_hour, _day),
    "method": (),
    "route": (),
    "status": (),
    "ms": (_bucket, _nothing),
}
