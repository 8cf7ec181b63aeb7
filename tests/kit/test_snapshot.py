"""What everybody reads is read seldom, by one at a time, and outlives a store that went away."""

import threading
from itertools import count

import pytest
from django.db import OperationalError

from kit.snapshot import Snapshot
from tests.waiting import until


def test_it_is_read_once_while_it_holds_and_anew_after() -> None:
    numbers = count(1)
    holds, gone = Snapshot(lambda: next(numbers), seconds=60), Snapshot(lambda: next(numbers), seconds=0)
    assert [holds(), holds(), holds()] == [1, 1, 1]
    assert [gone(), gone()] == [2, 3]

    holds.forget()
    assert holds() == 4


def test_asking_what_is_at_hand_reads_nothing() -> None:
    numbers = count(1)
    snapshot = Snapshot(lambda: next(numbers), seconds=0)
    assert snapshot.at_hand() is None
    assert snapshot() == 1
    assert snapshot.at_hand() == 1


def test_what_was_known_outlives_the_store() -> None:
    answers = iter(["known", OperationalError(), "new"])

    def read() -> str:
        answer = next(answers)
        if isinstance(answer, OperationalError):
            raise answer
        return str(answer)

    snapshot = Snapshot(read, seconds=0)
    assert [snapshot(), snapshot(), snapshot()] == ["known", "known", "new"]


def test_with_nothing_known_the_stores_error_is_told() -> None:
    def read() -> str:
        raise OperationalError

    with pytest.raises(OperationalError):
        Snapshot(read, seconds=60)()


def test_one_reads_while_the_others_go_on_with_what_was_known() -> None:
    entered, go = threading.Event(), threading.Event()
    answers = iter(["old", "new"])

    def read() -> str:
        answer = next(answers)
        if answer == "new":
            entered.set()
            assert go.wait(10)
        return answer

    snapshot = Snapshot(read, seconds=0)
    assert snapshot() == "old"
    reader = threading.Thread(target=snapshot)
    reader.start()
    until(entered.is_set, what="the reading")
    assert [snapshot() for _ in range(5)] == ["old"] * 5

    go.set()
    reader.join(10)
    assert snapshot.at_hand() == "new"
