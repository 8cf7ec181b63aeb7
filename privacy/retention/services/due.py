"""Which rows a rule would take now, less what is held; a batch of them locked, and gone."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, router
from django.db.models import CASCADE, Model, Q, QuerySet

from privacy.inventory.registry import app_rights, lookup, reaches_of, subject_path
from privacy.retention.rules import Rule
from privacy.retention.services.holds import held_in

STATEMENT_SECONDS = 20  # no statement of a purge takes longer, or it fails

Key = UUID | int


@dataclass(frozen=True)
class Batch:
    """Rows that went; the next batch goes on after ``last``. ``found`` 0: nothing was left to take."""

    found: int
    gone: int
    last: Key | None


class DueRows:
    """The rows of one rule's table that are due at ``before``, on the connection they are purged by."""

    def __init__(self, rule: Rule, before: datetime) -> None:
        self.rule = rule
        self.before = before
        self.model: type[Model] = apps.get_model(rule.model)
        self.alias = router.db_for_write(self.model)
        self.rights = app_rights(self.model)
        quote = connections[self.alias].ops.quote_name
        self._table, self._key = quote(self.model._meta.db_table), quote(self._pk_column())
        self._may_lock = "UPDATE" in self.rights
        # Rows of others go with them, or are asked first whether they may: that is the framework's business.
        self._drags_along = bool(self.model._meta.related_objects)

    def count(self) -> int:
        """How many would go."""
        return self._free().count()

    def count_held(self) -> int:
        """How many are due and held by an authority."""
        held = self._held()
        return self._due().filter(held).count() if held else 0

    def of_all(self) -> int:
        """How many rows the table has."""
        return self._rows().count()

    def sample(self, size: int) -> list[str]:
        """Ids of the first that would go."""
        return [str(key) for key in self._free().order_by("pk").values_list("pk", flat=True)[:size]]

    def take(self, size: int, after: Key | None = None) -> Batch:
        """Lock up to ``size`` rows nobody else has, and let them go; in the caller's transaction.

        Rows another worker has locked are passed over, so that two workers never take the same ones.
        """
        if "DELETE" not in self.rights:  # append-only: the function minds age, holds and other workers itself
            gone = self._through_function(size)
            return Batch(gone, gone, None)
        locked, values = self._locked(size, after)
        if self.rule.purge is None and not self._drags_along:
            keys = self._fetched(
                # Names of tables and columns, quoted, and a statement the framework wrote.
                f"DELETE FROM {self._table} WHERE {self._key} IN ({locked}) RETURNING {self._key}",  # noqa: S608
                values,
            )
            return Batch(len(keys), len(keys), max(keys, default=after))
        keys = self._fetched(locked, values)
        gone = (self.rule.purge or self._delete)(keys) if keys else 0
        return Batch(len(keys), gone, max(keys, default=after))

    def limit_statements(self) -> None:
        """For the rest of the caller's transaction."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {STATEMENT_SECONDS * 1000}")

    def _pk_column(self) -> str:
        column = self.model._meta.pk.column if self.model._meta.pk else None
        if column is None:
            raise ValueError(f"{self.model._meta.label} has no key to purge it by")
        return column

    def _rows(self) -> QuerySet[Model]:
        return self.model._base_manager.using(self.alias).all()

    def _due(self) -> QuerySet[Model]:
        rows = self._rows().filter(self.rule.which(self.before))
        return rows.filter(**{f"{self.rule.since}__lte": self.before}) if self.rule.since else rows

    def _free(self) -> QuerySet[Model]:
        held = self._held()
        return self._due().exclude(held) if held else self._due()

    def _held(self) -> Q:
        """Rows that are held themselves, or by a row that would go with them."""
        held = self._held_of(self.model, "")
        for relation in self.model._meta.related_objects:
            if relation.on_delete is CASCADE:
                held |= self._held_of(relation.related_model, f"{relation.field.related_query_name()}__")
        return held

    def _held_of(self, model: type[Model], path: str) -> Q:
        subjects, rows = held_in(model._meta.label_lower)
        held = Q(**{f"{path}pk__in": rows}) if rows else Q()
        if not subjects:
            return held
        own = "" if path else self.rule.subject
        whose = own or lookup(subject_path(model) or "")
        if whose:
            held |= Q(**{f"{path}{whose}__in": subjects})
        for reach in [] if path else reaches_of(model):
            held |= functools.reduce(operator.or_, map(reach, subjects))
        return held

    def _locked(self, size: int, after: Key | None) -> tuple[str, tuple[Any, ...]]:
        """The statement that locks them: in the order of their keys, never back to rows that were passed.

        Keys are made in the order of time, so it is that of age too, and every table has its index.
        """
        rows = self._free().order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        sql, values = rows.values_list("pk")[:size].query.sql_with_params()
        # Who may not change rows may not lock them: whoever comes second waits, and finds them gone.
        return (f"{sql} FOR UPDATE OF {self._table} SKIP LOCKED" if self._may_lock else sql), values

    def _fetched(self, sql: str, values: Sequence[Any]) -> list[Key]:
        with connections[self.alias].cursor() as cursor:
            if not self._may_lock:
                name = self.model._meta.db_table
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [name])
            cursor.execute(sql, values)
            return [key for (key,) in cursor.fetchall()]

    def _delete(self, keys: Sequence[Key]) -> int:
        _rows, by_label = self._rows().filter(pk__in=keys).delete()
        return by_label.get(self.model._meta.label, 0)

    def _through_function(self, size: int) -> int:
        with connections[self.alias].cursor() as cursor:
            cursor.execute("SELECT privacy_purge(%s, %s, %s)", [self.model._meta.db_table, self.before, size])
            (gone,) = cursor.fetchone()
        return int(gone)
