"""What an erasure leaves: which rows of a model stay, since when, and how they lose whose they were.

A model with a field of `Erase.KEEP` has one, or the start stops. Whatever else is a person's goes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q


def everything(subject: UUID) -> Q:
    """All rows of the person's stay."""
    return Q()


# The person's subject id (or a child's), the alias → how many rows were put under the alias. In the caller's
# transaction; again it finds none.
Unlink = Callable[[UUID, UUID], int]


@dataclass(frozen=True, kw_only=True)
class Remainder:
    """``since``: the column from which the fields' keep rule counts; empty, it counts from the erasure.

    ``follows``: the model whose rows these belong to, such as the events of a booking: they stay and go with
    it, and need no ``unlink`` of their own.
    """

    model: str  # enrollment.TrialBooking
    since: str = ""
    kept: Callable[[UUID], Q] = everything
    unlink: Unlink | None = None
    follows: str = ""


remainders: dict[str, Remainder] = {}


def register_remainder(remainder: Remainder) -> None:
    """Make known what stays of a model. Raises ValueError when it is said twice, and differently."""
    label = remainder.model.lower()
    if remainders.setdefault(label, remainder) != remainder:
        raise ValueError(f"{label}: what remains of it is said twice, and differently.")


def remainder_of(label: str) -> Remainder | None:
    """What stays of a model, by its label in any case; None where nothing does."""
    return remainders.get(label.lower())
