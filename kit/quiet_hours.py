"""When people may be written to: not while they sleep."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

_BEFORE_QUIET = timedelta(minutes=30)  # whatever takes its time on the way still arrives in the evening


def is_waking(at: datetime) -> bool:
    """Whether ``at`` is a time to write: by the full hours of ``WAKING_HOURS``, in Asia/Shanghai."""
    opens, closes = settings.WAKING_HOURS
    return bool(opens <= timezone.localtime(at).hour < closes)


def next_waking(at: datetime) -> datetime:
    """``at`` where it is a time to write, or else the next one."""
    if is_waking(at):
        return at
    local, opens = timezone.localtime(at), settings.WAKING_HOURS[0]
    day = local if local.hour < opens else local + timedelta(days=1)
    return day.replace(hour=opens, minute=0, second=0, microsecond=0)


def evening_before(at: datetime) -> datetime:
    """``at`` where it is a time to write, or else half an hour before that night's quiet began."""
    if is_waking(at):
        return at
    local, closes = timezone.localtime(at), settings.WAKING_HOURS[1]
    day = local if local.hour >= closes else local - timedelta(days=1)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=closes) - _BEFORE_QUIET
