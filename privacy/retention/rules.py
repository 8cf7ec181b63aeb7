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

    ``which``: the rows it concerns, whatever their age, such as bookings that were attended; without a
    ``since`` it has to know the age too. ``purge`` gets the keys of a batch, locked in the caller's
    transaction, and says how many rows went; by default they are deleted. Of a table whose rows the app may
    not delete they go through the SQL function `privacy_purge`, oldest first. ``done_by`` names the task or
    module that keeps the promise instead, where a time limit is minutes or hours and another clock sees to
    it, or where no table is concerned.
    """

    name: str  # bookings.attended
    title: str | Promise  # what people read: 试听过的预约
    keep: str
    model: str = ""  # enrollment.TrialBooking; a store that is no table has none
    since: str = ""  # a column, also of a row that a relation leads to: request__closed_at
    which: Callable[[datetime], Q] = lambda before: Q()
    purge: Purge | None = None
    subject: str = ""  # the column or lookup that says whose a row is, where a hold may keep it
    done_by: str = ""


rules: dict[str, Rule] = {}


def register_rule(rule: Rule) -> None:
    """Make a rule known. Raises ValueError when the name means something else, or nobody keeps it."""
    if not (rule.done_by or rule.model):
        raise ValueError(f"{rule.name!r} names neither a table nor what keeps its promise.")
    if rules.setdefault(rule.name, rule) != rule:
        raise ValueError(f"{rule.name!r} is declared twice, and differently.")
