"""The proof that the ledger is sound: every law asked of the rows themselves, all at one moment."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.utils import timezone

from enrollment.models import LedgerProof
from enrollment.services.laws import LAWS, PARAMETERS, Law

logger = logging.getLogger(__name__)

_SAMPLE = 5  # ids shown of each law's findings


@dataclass(frozen=True)
class Finding:
    """How many rows break a law, and the ids of a few of them. An id says nothing of a person."""

    count: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """What one look at the whole ledger found, by the name of the law."""

    started_at: datetime
    finished_at: datetime
    found: Mapping[str, Finding]

    @property
    def findings(self) -> dict[str, int]:
        """How many rows break each law."""
        return {name: finding.count for name, finding in self.found.items()}

    @property
    def broken(self) -> dict[str, Finding]:
        """The laws that do not hold."""
        return {name: finding for name, finding in self.found.items() if finding.count}

    @property
    def holds(self) -> bool:
        return not self.broken


def prove() -> Proof:
    """Ask every law of one snapshot. Writes nothing, locks nothing and keeps nobody waiting."""
    started_at = timezone.now()
    with _one_moment() as cursor:
        found = examine(cursor)
    return Proof(started_at, timezone.now(), found)


def examine(cursor: Any) -> dict[str, Finding]:
    """Every law asked through ``cursor``, of whatever its transaction sees."""
    return {law.name: _ask(cursor, law) for law in LAWS}


def _ask(cursor: Any, law: Law) -> Finding:
    cursor.execute(
        f"SELECT id::text, count(*) OVER () FROM ({law.broken}) AS broken (id) LIMIT {_SAMPLE}",  # noqa: S608  ours
        PARAMETERS,
    )
    rows = cursor.fetchall()
    return Finding(rows[0][1] if rows else 0, tuple(key for key, _ in rows))


@contextmanager
def _one_moment() -> Iterator[Any]:
    """A snapshot on a connection of its own, apart from any transaction of the caller's."""
    own = connections["default"].copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield cursor
    finally:
        own.close()


def keep_proof() -> Proof:
    """Prove, write down what came of it, and say aloud what is wrong."""
    proof = prove()
    LedgerProof.objects.create(
        started_at=proof.started_at,
        finished_at=proof.finished_at,
        holds=proof.holds,
        findings=proof.findings,
    )
    if not proof.holds:
        logger.error("the seat ledger breaks its laws: %s", ", ".join(sorted(proof.broken)))
    return proof
