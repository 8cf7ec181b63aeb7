"""How long things are kept here and now: as declared, or as this installation says, within both limits."""

from datetime import timedelta

from django.conf import settings

from privacy.inventory.declarations import Keep
from privacy.inventory.registry import keeps


def period_of(name: str) -> timedelta:
    """How long after its start something under a time limit goes. Raises KeyError for an unknown one."""
    keep = keeps[name]
    days: int | None = settings.KEEP_DAYS.get(name)
    return keep.period if days is None else timedelta(days=days)


def is_within(keep: Keep, period: timedelta) -> bool:
    """Whether a period is neither shorter than the law says nor longer than we promise."""
    return keep.floor <= period and (keep.ceiling is None or period <= keep.ceiling)
