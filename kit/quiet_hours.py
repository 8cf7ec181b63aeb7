"""When people may be written to: not while they sleep."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

WAKING = (time(8), time(21))  # in Asia/Shanghai, from and before
_BEFORE_QUIET = timedelta(minutes=30)  # whatever takes its time on the way still arrives in the evening


def is_waking(at: datetime) -> bool:
    """Whether ``at`` is a time to write."""
    opens, closes = WAKING
    return opens <= timezone.localtime(at).time() < closes


def next_waking(at: datetime) -> datetime:
    """``at`` where it is a time to write, or else the next one."""
    if is_waking(at):
        return at
    local, opens = timezone.localtime(at), WAKING[0]
    day = local if local.time() < opens else local + timedelta(days=1)
    return day.replace(hour=opens.hour, minute=opens.minute, second=0, microsecond=0)


def evening_before(at: datetime) -> datetime:
    """``at`` where it is a time to write, or else half an hour before that night's quiet began."""
    if is_waking(at):
        return at
    local, closes = timezone.localtime(at), WAKING[1]
    day = local if local.time() >= closes else local - timedelta(days=1)
    return day.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0) - _BEFORE_QUIET
