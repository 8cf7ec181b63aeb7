"""How many rows go when: by each rule of keeping, counted by weeks, and nothing opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.apps import apps
from django.db.models import Count, Q

from privacy.inventory import registry
from privacy.inventory.declarations import Keep
from privacy.inventory.periods import period_of
from privacy.retention.rules import Rule, rules

WEEKS = 13
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Going:
    """A rule, and how much of what it is about goes when."""

    rule: Rule
    keep: Keep
    period: timedelta
    now: int
    """How many rows' time is over already."""
    weeks: tuple[int, ...]
    """How many more in each week from now on."""

    @property
    def soon(self) -> int:
        """How many go within a week."""
        return self.weeks[0] if self.weeks else 0

    @property
    def later(self) -> int:
        """How many go in all the weeks counted."""
        return sum(self.weeks)


def going(at: datetime) -> list[Going]:
    """Every rule that the nightly purge follows, what is due first at the top. Two queries a rule."""
    counted = [_counted(rule, at) for rule in rules.values() if not rule.done_by]
    return sorted(counted, key=lambda one: (-one.now, -one.soon, -one.later, one.rule.name))


def done_elsewhere() -> list[tuple[Rule, Keep, timedelta]]:
    """The rules that another clock keeps, for they are of minutes and hours, or of no table."""
    kept = [rule for rule in rules.values() if rule.done_by]
    return [(rule, registry.keeps[rule.keep], period_of(rule.keep)) for rule in kept]


def by_week(all_of_it: Iterable[Going]) -> list[int]:
    """How much goes in each week by all rules together."""
    return [sum(week) for week in zip(*(one.weeks for one in all_of_it), strict=True)]


def _counted(rule: Rule, at: datetime) -> Going:
    """Where the age of a row stands in no column, what is due now is all that can be said."""
    keep, period = registry.keeps[rule.keep], period_of(rule.keep)
    until = [at - period + _WEEK * week for week in range(WEEKS + 1)]
    rows = apps.get_model(rule.model)._base_manager.all()
    due = rows.filter(rule.which(until[0]))
    if not rule.since:
        return Going(rule, keep, period, due.count(), (0,) * WEEKS)
    after, till = f"{rule.since}__gt", f"{rule.since}__lte"
    weeks = {
        f"week{week}": Count("pk", filter=Q(**{after: until[week], till: until[week + 1]}))
        for week in range(WEEKS)
    }
    coming = rows.filter(rule.which(until[-1]), **{after: until[0], till: until[-1]}).aggregate(**weeks)
    now = due.filter(**{till: until[0]}).count()
    return Going(rule, keep, period, now, tuple(coming[f"week{week}"] for week in range(WEEKS)))
