"""The rules by which rows go when their time is over. Each app says its own; the engine knows no app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.functional import Promise

Purge = Callable[[Sequence[UUID | int]], int]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What goes when. ``keep`` names the registered Keep whose period counts from the column ``since``.

    ``which``: the rows it concerns, whatever their age, such as bookings that were attended. ``purge`` gets
    the keys of a batch, locked in the caller's transaction, and says how many rows went; by default they are
    deleted. ``done_by`` names the task that keeps the promise instead, where a time limit is minutes or hours
    and another clock sees to it.
    """

    name: str  # bookings.attended
    title: str | Promise  # what people read: 试听过的预约
    keep: str
    model: str  # enrollment.TrialBooking
    since: str = ""
    which: Callable[[datetime], Q] = lambda before: Q()
    purge: Purge | None = None
    subject: str = ""  # the column that says whose a row is, where a hold may keep it
    done_by: str = ""


rules: dict[str, Rule] = {}


def register_rule(rule: Rule) -> None:
    """Make a rule known. Raises ValueError when the name means something else."""
    if rules.setdefault(rule.name, rule) != rule:
        raise ValueError(f"{rule.name!r} is declared twice, and differently.")
