"""The proof of the ledger: silent over a busy one, and loud about whatever breaks any of its laws."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction

from enrollment.models import ClassSession, LedgerProof
from enrollment.services.invariants import examine, keep_proof, prove
from enrollment.services.laws import LAWS
from enrollment.services.seats import lock_class
from enrollment.tasks import prove_ledger
from tests.children import as_superuser
from tests.cleaning import empty_databases
from tests.enrollment.busy_ledger import fill_the_ledger
from tests.enrollment.plants import PLANTS
from tests.families import a_seat
from tests.places import a_class

LAWLESS = """
    DO $$ DECLARE one record; BEGIN
        FOR one IN SELECT conrelid::regclass AS place, conname AS name FROM pg_constraint
            WHERE contype IN ('c', 'u', 'x') AND conrelid IN (
                SELECT oid FROM pg_class WHERE relname ~ '^(enrollment|messaging|consent)_')
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.place, one.name); END LOOP;
        FOR one IN SELECT indexrelid::regclass AS name FROM pg_index
            WHERE indisunique AND NOT indisprimary AND indrelid IN (
                SELECT oid FROM pg_class WHERE relname ~ '^(enrollment|messaging|consent)_')
        LOOP EXECUTE format('DROP INDEX %s', one.name); END LOOP;
    END $$
"""


@pytest.fixture(scope="module")
def ledger(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A ledger in which everything that can happen has happened, by the services."""
    with django_db_blocker.unblock():
        empty_databases()
        try:
            fill_the_ledger()
            yield
        finally:
            empty_databases()


@pytest.fixture
def nobody_watches(ledger: None) -> Iterator[Any]:
    """A superuser for whom no constraint, index or trigger stands; whatever they do is undone."""
    admin = psycopg2.connect(os.environ["DATABASE_ADMIN_URL"])
    try:
        with admin.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(LAWLESS)
            yield cursor
    finally:
        admin.close()


def broken(cursor: Any) -> set[str]:
    return {name for name, finding in examine(cursor).items() if finding.count}


def test_every_law_has_a_plant_and_a_name_of_its_own() -> None:
    assert [law.name for law in LAWS] == list(dict.fromkeys(law.name for law in LAWS))
    assert set(PLANTS) == {law.name for law in LAWS}


def test_a_busy_ledger_breaks_none(ledger: None) -> None:
    proof = prove()

    assert proof.broken == {}
    assert proof.holds
    assert set(proof.findings) == set(PLANTS)


@pytest.mark.parametrize("law", [law.name for law in LAWS])
def test_a_planted_violation_is_found(nobody_watches: Any, law: str) -> None:
    assert broken(nobody_watches) == set()

    for statement in PLANTS[law]:
        nobody_watches.execute(statement)
        assert nobody_watches.rowcount, "nothing was planted"

    found = examine(nobody_watches)[law]
    assert found.count >= 1
    assert len(found.sample) == min(found.count, 5)


@pytest.mark.django_db(transaction=True, databases="__all__")
class TestKeeping:
    """What is done with a proof."""

    def test_the_night_writes_down_that_all_holds(self, caplog: pytest.LogCaptureFixture) -> None:
        a_seat(a_class())

        prove_ledger()

        kept = LedgerProof.objects.get()
        assert kept.holds
        assert kept.findings == dict.fromkeys(PLANTS, 0)
        assert kept.started_at <= kept.finished_at
        assert not caplog.records

    def test_a_broken_law_is_kept_and_said_aloud(self, caplog: pytest.LogCaptureFixture) -> None:
        plant_a_wrong_count()

        proof = keep_proof()

        kept = LedgerProof.objects.get()
        assert not kept.holds
        assert {name for name, rows in kept.findings.items() if rows} == {"counters_equal_the_ledger"}
        assert proof.broken["counters_equal_the_ledger"].count == 1
        (record,) = caplog.records
        assert record.levelname == "ERROR"
        assert "counters_equal_the_ledger" in record.getMessage()

    def test_the_command_has_a_line_for_each_law(self, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("prove_invariants")

        said = capsys.readouterr().out
        assert all(f"✓ {law.name}: 0  {law.words}" in said for law in LAWS)
        assert f"all {len(LAWS)} laws hold" in said
        assert LedgerProof.objects.get().holds

    def test_the_command_fails_on_a_finding_and_names_the_row(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        session = plant_a_wrong_count()

        with pytest.raises(CommandError, match="1 of"):
            call_command("prove_invariants")

        assert "✗ counters_equal_the_ledger: 1  课次上记的" in (said := capsys.readouterr().out)
        assert str(session.pk) in said

    def test_a_proof_changes_nothing_and_waits_for_nobody(self) -> None:
        session = a_class()
        with transaction.atomic():
            lock_class(session.pk)
            ClassSession.objects.filter(pk=session.pk).update(capacity=1)
            assert prove().holds

    def test_proofs_are_never_rewritten(self) -> None:
        keep_proof()

        with pytest.raises(ProgrammingError, match="permission denied"):
            LedgerProof.objects.update(holds=False)


def plant_a_wrong_count() -> ClassSession:
    session = a_class()
    as_superuser(
        os.environ["DATABASE_ADMIN_URL"],
        "SET session_replication_role = replica; UPDATE enrollment_classsession SET seats_taken = 1",
    )
    return session
