"""Stores that are no tables: each can say what it holds of somebody, hand it out, drop it, and prove that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Trace:
    """By what a store may know somebody: subject ids, and numbers as E.164. It prints without the numbers."""

    subjects: frozenset[UUID]
    numbers: frozenset[str] = field(default=frozenset(), repr=False)


@runtime_checkable
class StoreKeeper(Protocol):
    """What a registered Store implements; without one the start stops."""

    def locate(self, trace: Trace) -> int:
        """How many things the store holds of them now."""

    def export(self, trace: Trace) -> Sequence[Mapping[str, str]]:
        """What it holds, for their copy; empty where nothing in it can be read or told."""

    def erase(self, trace: Trace) -> int:
        """Drop it; how many things went. Again it finds none."""

    def verify(self, trace: Trace) -> int:
        """How many are left, counted anew: 0 after an erasure."""


keepers: dict[str, StoreKeeper] = {}


def register_keeper(store: str, keeper: StoreKeeper) -> None:
    """Name who looks after a registered store. Raises ValueError for a keeper that lacks a method."""
    if not isinstance(keeper, StoreKeeper):
        raise ValueError(f"the keeper of {store} cannot locate, export, erase and verify")
    keepers[store] = keeper
