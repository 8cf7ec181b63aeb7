"""What holds something of a person and is no table: made copies, queues, counters, files."""

from __future__ import annotations

from functools import partial

from redis.exceptions import RedisError

from privacy.erasure.exceptions import LeftOver, StepFailed
from privacy.erasure.services.marking import DEFAULT
from privacy.erasure.services.people import people_of, trace_of
from privacy.erasure.services.work import Work
from privacy.inventory.keepers import keepers
from privacy.rights.services.export.ending import end_of


def exports(work: Work) -> None:
    """End the copies made for them: the key of each first, then its file."""
    for person in people_of(work.job):
        work.changed("exports", DEFAULT, partial(end_of, person.id))


def stores(work: Work) -> None:
    """Have every store drop what it has of them. Raises StepFailed naming the first that could not."""
    trace, failed = trace_of(work.job), []
    for name, keeper in sorted(keepers.items()):
        work.beat()
        try:
            dropped = keeper.erase(trace)
        except (OSError, RedisError):
            failed.append(name)
            continue
        work.changed("stores", DEFAULT, partial(int, dropped))
    if failed:
        raise StepFailed(f"store {failed[0]}")


def verify(work: Work) -> None:
    """Raise LeftOver where a store still has something of them."""
    trace = trace_of(work.job)
    for name, keeper in sorted(keepers.items()):
        work.beat()
        if keeper.verify(trace):
            raise LeftOver(name)
