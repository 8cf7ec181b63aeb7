"""An erasure broken off anywhere goes on where it was: the same end, nothing counted twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, connections

from accounts.models import User
from kit.uuid7 import uuid7
from messaging.models import Message
from privacy.erasure.enums import JobState, StepState
from privacy.erasure.models import ErasureCertificate, ErasureJob
from privacy.erasure.services import ending, marking, running, work
from privacy.erasure.services.running import run
from privacy.erasure.services.steps import keys
from privacy.erasure.tasks import erase, sweep
from privacy.keystore import ledger, marks
from privacy.keystore.services import is_buried, key_scope
from privacy.rights.enums import RequestState
from tests.children import a_child
from tests.erasure.erasing import begun
from tests.families import a_guardian, a_seat
from tests.places import a_class, at

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


class Killed(BaseException):
    """The process ends here, and nothing after it runs."""


class Dying:
    """Dies once at every point it has not died at before."""

    def __init__(self) -> None:
        self.died_at: list[tuple[object, ...]] = []
        self._nth: dict[object, int] = {}

    def begin(self) -> None:
        self._nth = {}

    def at(self, *point: object) -> None:
        self._nth[point] = self._nth.get(point, 0) + 1
        here = (*point, self._nth[point])
        if here not in self.died_at:
            self.died_at.append(here)
            raise Killed


@pytest.fixture(autouse=True)
def one_task() -> Iterator[None]:
    with key_scope():
        yield


def a_family() -> User:
    """A guardian with a child, a seat of its own and messages."""
    guardian = a_guardian()
    a_child(guardian)
    a_seat(a_class(starts_at=at(days=3, hour=9)), guardian)
    return guardian


def counted(job: ErasureJob) -> dict[str, int]:
    return dict(job.steps.exclude(name__in=("stores", "begin")).values_list("name", "rows"))


def free(job: ErasureJob) -> None:
    """The worker was not heard of for a minute."""
    ErasureJob.objects.filter(pk=job.pk).update(leased_until=None)


def is_whole(job: ErasureJob) -> None:
    """It came to its end, once."""
    job.refresh_from_db()
    assert {one.state for one in job.steps.all()} == {StepState.DONE}
    assert job.state == JobState.WAITING
    assert job.request is not None
    assert job.request.state == RequestState.FULFILLED
    assert ErasureCertificate.objects.filter(job=job).count() == 1


def test_killed_at_every_commit_it_ends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    untouched, broken = begun(a_family()), a_family()
    assert run(job_id=untouched.pk)
    entries = len(list(ledger.entries()))
    job = begun(broken)
    dying = Dying()
    _die_at_commits(monkeypatch, dying)
    _die_after_steps(monkeypatch, dying)

    for _again in range(400):
        dying.begin()
        free(job)
        try:
            if run(job_id=job.pk):
                break
        except Killed:
            continue

    assert len(dying.died_at) > 40
    is_whole(job)
    assert counted(job) == counted(untouched)
    assert not User.objects.filter(pk=broken.pk).exists()
    assert is_buried(broken.pk, "*")
    mine = [entry for entry in ledger.entries(entries) if entry.alias]
    assert {entry.n for entry in mine} >= set(job.subjects.values_list("entry", flat=True))


def _die_at_commits(monkeypatch: pytest.MonkeyPatch, dying: Dying) -> None:
    """Before and after the commit of every change, in whichever database."""

    def around(real: Callable[..., int], where: str) -> Callable[..., int]:
        def counting(job_id: Any, step: str, *rest: Any) -> int:
            change = rest[-1]

            def dies() -> int:
                rows = int(change())
                dying.at(step, where, "before")
                return rows

            rows = real(job_id, step, *rest[:-1], dies)
            dying.at(step, where, "after")
            return rows

        return counting

    monkeypatch.setattr(work, "counted", around(marking.counted, "data"))
    monkeypatch.setattr(keys.marks, "counted", around(marks.counted, "keys"))
    real_bury, real_record = ledger.bury, ending.record

    def buries(*args: Any, **named: Any) -> Any:
        entry = real_bury(*args, **named)
        dying.at("bury", "ledger")
        return entry

    def records(*args: Any, **named: Any) -> Any:
        event = real_record(*args, **named)
        dying.at("certify", "before")
        return event

    monkeypatch.setattr(keys.ledger, "bury", buries)
    monkeypatch.setattr(ending, "record", records)


def _die_after_steps(monkeypatch: pytest.MonkeyPatch, dying: Dying) -> None:
    def ending_with(name: str, step: running.Step) -> running.Step:
        def dies(mine: work.Work) -> None:
            step(mine)
            if name != "certify":
                dying.at(name, "done")

        return dies

    monkeypatch.setattr(running, "DO", {name: ending_with(name, step) for name, step in running.DO.items()})


@pytest.mark.parametrize("step", [name for name in running.DO if name != "certify"])
def test_a_step_that_fails_is_never_said_to_be_done(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    job = begun(a_guardian())

    def fails(mine: work.Work) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(running, "DO", {**running.DO, step: fails})
        assert not run(job_id=job.pk)

    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.request is not None
    assert job.request.state == RequestState.EXECUTING
    assert job.steps.get(name=step).state == StepState.FAILED
    assert not ErasureCertificate.objects.exists()
    free(job)
    assert run(job_id=job.pk)
    is_whole(job)


@pytest.mark.parametrize("alias", ["default", "minors", "keys"])
def test_with_a_database_down_it_waits_and_goes_on(alias: str) -> None:
    untouched = begun(a_family())
    assert run(job_id=untouched.pk)
    job = begun(a_family())

    def down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("down")

    with connections[alias].execute_wrapper(down):
        try:
            assert not run(job_id=job.pk)
        except OperationalError:
            assert alias == "default"

    job.refresh_from_db()
    assert job.state in (JobState.QUEUED, JobState.RUNNING)
    free(job)
    assert run(job_id=job.pk)
    is_whole(job)
    assert counted(job) == counted(untouched)


def test_a_task_that_comes_twice_or_too_late_changes_nothing() -> None:
    job = begun(a_family())
    erase(str(uuid7()))
    erase(str(job.pk))
    is_whole(job)
    told, at_end = counted(job), ErasureCertificate.objects.get(job=job).body

    erase(str(job.pk))
    sweep()

    is_whole(job)
    assert counted(job) == told
    assert ErasureCertificate.objects.get(job=job).body == at_end


def test_a_worker_that_was_taken_for_dead_counts_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """It wakes in the midst of deleting, when another one has come to the end."""
    untouched = begun(a_family())
    assert run(job_id=untouched.pk)
    job = begun(a_family())
    real, slept = running.DO["rows"], threading.Event()

    def sleeps(mine: work.Work) -> None:
        if not slept.is_set():
            slept.set()
            free(job)
            other = threading.Thread(target=_work_alone, args=(job,))
            other.start()
            other.join()
        real(mine)

    monkeypatch.setattr(running, "DO", {**running.DO, "rows": sleeps})

    assert not run(job_id=job.pk)

    is_whole(job)
    assert counted(job) == counted(untouched)


def test_two_workers_at_once_are_one() -> None:
    job = begun(a_family())
    workers = [threading.Thread(target=_work_alone, args=(job,)) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    is_whole(job)


def _work_alone(job: ErasureJob) -> None:
    try:
        run(job_id=job.pk)
    finally:
        for connection in connections.all():
            connection.close()


def test_until_somebody_works_at_it_nothing_of_theirs_opens() -> None:
    guardian = a_family()
    job = begun(guardian)
    assert job.state == JobState.QUEUED
    for message in Message.objects.filter(subject_id=guardian.pk):
        with pytest.raises(Exception, match="frozen"):
            _ = message.parameters
