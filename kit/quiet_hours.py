"""When people may be written to: not while they sleep."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

WAKING = (time(8), time(21))  # in Asia/Shanghai, from and before


def next_waking(at: datetime) -> datetime:
    """``at`` where it is a time to write, or else the next one."""
    local = timezone.localtime(at)
    opens, closes = WAKING
    if opens <= local.time() < closes:
        return at
    day = local if local.time() < opens else local + timedelta(days=1)
    return day.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)
