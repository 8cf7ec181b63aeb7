"""A worker that dies at any statement, and the next one: everything is there, and there once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from privacy.rights.enums import PackageState
from privacy.rights.exceptions import PackageNotReady
from privacy.rights.models import ExportPackage, ExportStep, Reply
from privacy.rights.services.export.making import make
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.export.sweeping import sweep
from privacy.rights.services.export.taking import fetch
from privacy.rights.services.export.working import LeaseLost, Work
from tests.rights.exporting import Family, a_family, a_request, opened, queued, tables, zip_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
ROUNDS = 12  # deaths, spread over all statements that change something
# What is about the making itself differs from one making to the next.
_ITSELF = ("rights.", "audit.", "messaging.", "keystore.")


class Killed(BaseException):
    """Nobody catches it: the worker is gone."""


class DeathAt:
    """Lets ``allowed`` changing statements through on `default`, and dies before the next."""

    def __init__(self, allowed: int | None = None) -> None:
        self.allowed = allowed
        self.seen = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            if self.seen == self.allowed:
                raise Killed
            self.seen += 1
        return execute(sql, params, many, context)


@pytest.fixture
def family(settings, tmp_path) -> Family:
    settings.MEDIA_ROOT = tmp_path
    a_family(nickname="别家的孩子")
    return a_family()


def statements(family: Family) -> int:
    package, counting = queued(family), DeathAt()
    with connection.execute_wrapper(counting):
        make(package_id=package.pk)
    assert state_of(package) == PackageState.READY
    return counting.seen


def state_of(package: ExportPackage) -> str:
    return ExportPackage.objects.values_list("state", flat=True).get(pk=package.pk)


def abandoned(package: ExportPackage) -> None:
    """As if its lease had run out."""
    ExportPackage.objects.filter(pk=package.pk).update(leased_until=None)


def said(package: ExportPackage, family: Family) -> dict[str, Any]:
    found = tables(opened(package, family))
    return {name: rows for name, rows in found.items() if not name.startswith(_ITSELF)}


def test_killed_before_any_statement_it_is_made_by_the_next(family: Family) -> None:
    total = statements(family)
    whole = queued(family)
    make(package_id=whole.pk)
    expected = said(whole, family)
    for allowed in sorted({total * turn // ROUNDS for turn in range(ROUNDS)}):
        package = queued(family)
        with connection.execute_wrapper(DeathAt(allowed)), pytest.raises(Killed):
            make(package_id=package.pk)
        assert state_of(package) != PackageState.READY
        abandoned(package)
        make(package_id=package.pk)

        assert state_of(package) == PackageState.READY, allowed
        assert said(package, family) == expected
        steps = ExportStep.objects.filter(package=package)
        assert len(set(steps.values_list("area", flat=True))) == steps.count()
        assert Reply.objects.filter(request=package.request, is_final=True).count() == 1
        kept = {path.name for path in Parts(package.pk).folder.iterdir()}
        assert not [name for name in kept if not name.endswith((".html", ".zip"))]


def test_what_was_done_is_not_done_again(family: Family) -> None:
    """Killed while packing: the next one neither collects nor writes."""
    total = statements(family)
    package = queued(family)
    with connection.execute_wrapper(DeathAt(total - 3)), pytest.raises(Killed):
        make(package_id=package.pk)
    assert state_of(package) == PackageState.PACKING
    before = list(
        ExportStep.objects.filter(package=package).values_list("area", "as_of", "collected_at", "written_at")
    )
    a_request(family.guardian)  # changed since: the copy is of the moment it names
    abandoned(package)
    make(package_id=package.pk)
    assert before == list(
        ExportStep.objects.filter(package=package).values_list("area", "as_of", "collected_at", "written_at")
    )
    as_of = json.loads(opened(package, family)["manifest.json"])["as_of"]
    assert len(set(as_of.values())) == len({step[1] for step in before})


def test_a_database_that_broke_off_is_looked_at_anew_as_a_whole(family: Family) -> None:
    package = queued(family)
    work = Work.take(package.pk)
    assert work
    with pytest.raises(Killed), connection.execute_wrapper(DeathAt(6)):
        abandoned_at_collecting(package)
    abandoned(package)
    make(package_id=package.pk)
    moments: dict[str, set[Any]] = {}
    for step in ExportStep.objects.filter(package=package):
        database = "minors" if step.area.startswith("minors.") else "default"
        moments.setdefault(database, set()).add(step.as_of)
    assert {name: len(found) for name, found in moments.items()} == {"default": 1, "minors": 1}


def abandoned_at_collecting(package: ExportPackage) -> None:
    abandoned(package)
    make(package_id=package.pk)


def test_two_workers_never_have_the_same_package(family: Family) -> None:
    package = queued(family)
    first = Work.take(package.pk)
    assert first
    assert Work.take(package.pk) is None
    abandoned(package)
    second = Work.take(package.pk)
    assert second
    with pytest.raises(LeaseLost), first.held():
        pytest.fail("overtaken, and let in")
    with second.held():
        pass


def test_who_was_overtaken_replaces_nothing(family: Family) -> None:
    package = queued(family)
    late = Work.take(package.pk)
    assert late
    abandoned(package)
    make(package_id=package.pk)
    before = zip_of(package, family)
    parts = Parts(package.pk)
    with parts.making("package.zip", late.attempt) as part:
        part.write(b"late")
    with pytest.raises(LeaseLost), late.held():
        parts.place(["package.zip"], late.attempt)
    assert zip_of(package, family) == before


def test_a_lost_nudge_is_found_by_the_sweep(family: Family) -> None:
    from leap.celery import app

    package = queued(family)
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge("celery")
        sweep()
        message = broker.default_channel.basic_get("celery")
    assert str(package.pk) in str(message.payload if hasattr(message, "payload") else message.body)


def test_a_file_that_was_cut_costs_nobody_a_download(family: Family) -> None:
    from privacy.keystore.services import Tampered
    from privacy.rights.services.export.taking import open_ticket

    package = queued(family)
    with pytest.raises(PackageNotReady):
        open_ticket(package=package, by=family.acting)
    make(package_id=package.pk)
    path = Parts(package.pk).folder / "package.zip"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Tampered):
        b"".join(fetch(token=open_ticket(package=package, by=family.acting), by=family.acting))
    package.refresh_from_db()
    assert package.downloads == 0
    assert connections["default"].is_usable()
