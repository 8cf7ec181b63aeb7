"""uuid7: version, variant, order and time."""

import threading
import time
import uuid

import time_machine

from kit.uuid7 import uuid7


def test_is_version_seven_of_the_rfc_variant() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == uuid.RFC_4122


def test_begins_with_the_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert before <= made.int >> 80 <= after + 1


def test_each_is_greater_than_the_one_before() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_share_one_order_and_never_an_id() -> None:
    made: list[list[uuid.UUID]] = [[] for _ in range(8)]
    threads = [
        threading.Thread(target=lambda own=own: own.extend(uuid7() for _ in range(2000))) for own in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one for own in made for one in own}) == 16_000
    assert all(own == sorted(own) for own in made)


def test_order_survives_a_clock_that_steps_back_a_little() -> None:
    first = uuid7()
    with time_machine.travel(time.time() - 2, tick=False):
        assert uuid7() > first


def test_a_clock_set_back_for_good_is_believed() -> None:
    with time_machine.travel(time.time() + 3600, tick=False):
        uuid7()
    assert abs((uuid7().int >> 80) - time.time_ns() // 1_000_000) < 5_000
