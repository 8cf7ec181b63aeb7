"""Who looks after the stores that are no tables: limits, the queue, logs, files of copies, backups."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import redis
from django.conf import settings

from kit import limiter
from kit.needles import Needles, Search, Value, search, spellings
from privacy.inventory.keepers import Trace, register_keeper
from privacy.keystore.blind_index import blind_indexes
from privacy.rights.models import ExportPackage
from privacy.rights.services.export.parts import Parts

_CHUNK = 1 << 20  # bytes
_QUEUES = ("celery",)  # lists; what a worker took and has not confirmed stands in the hash
_TAKEN = "unacked"

Exported = Sequence[Mapping[str, str]]


class Limits:
    """Counts in Redis, under keyed digests of a number or of a subject id."""

    def locate(self, trace: Trace) -> int:
        return limiter.count_of(_keys_of(trace))

    def export(self, trace: Trace) -> Exported:
        """Nothing: digests and moments, gone within a day."""
        return ()

    def erase(self, trace: Trace) -> int:
        return limiter.forget(_keys_of(trace))

    verify = locate


class Queue:
    """Nudges that wait in Redis; they carry ids of rows, and would carry a subject's by mistake alone."""

    def locate(self, trace: Trace) -> int:
        return len(_waiting(trace))

    def export(self, trace: Trace) -> Exported:
        """Nothing: a nudge says no more than the row it names."""
        return ()

    def erase(self, trace: Trace) -> int:
        found = _waiting(trace)
        with _redis() as client:
            for place, message in found:
                if place == _TAKEN:
                    client.hdel(place, message)
                else:
                    client.lrem(place, 0, message.decode())
        return len(found)

    verify = locate


class Logs:
    """Files of the log. They are written without what a trace knows; a slip is blanked where it stands."""

    def locate(self, trace: Trace) -> int:
        needles = _needles(trace)
        return sum(len(_looked_through(path, needles).hits) for path in _logs())

    def export(self, trace: Trace) -> Exported:
        """Nothing: no line of a log leads to a person."""
        return ()

    def erase(self, trace: Trace) -> int:
        needles = _needles(trace)
        return sum(_blank(path, trace) for path in _logs() if _looked_through(path, needles).hits)

    verify = locate


class Copies:
    """Files of copies people asked for, each sealed under a key of its own."""

    def locate(self, trace: Trace) -> int:
        return len(self._of(trace))

    def export(self, trace: Trace) -> Exported:
        """Nothing: they are copies of what the next copy holds as well."""
        return ()

    def erase(self, trace: Trace) -> int:
        found = self._of(trace)
        for parts in found:
            parts.remove()
        return len(found)

    verify = locate

    def _of(self, trace: Trace) -> list[Parts]:
        packages = ExportPackage.objects.filter(request__subject_id__in=trace.subjects)
        parts = [Parts(package) for package in packages.values_list("pk", flat=True)]
        return [each for each in parts if each.folder.exists()]


class Unfindable:
    """A store in which nothing can be found by what a trace knows: it empties itself by its time limit."""

    def locate(self, trace: Trace) -> int:
        return 0

    def export(self, trace: Trace) -> Exported:
        return ()

    def erase(self, trace: Trace) -> int:
        return 0

    verify = locate


def _keys_of(trace: Trace) -> list[str]:
    """What limits are counted by: a subject's id, and a number's digest under every key of the index."""
    digests = (digest for number in trace.numbers for digest in blind_indexes("code.phone", number))
    return [*map(str, trace.subjects), *digests]


def _waiting(trace: Trace) -> list[tuple[str, bytes]]:
    """Messages with something of theirs: by list and content, or by hash and name there."""
    needles, found = _needles(trace), []
    with _redis() as client:
        for queue in _QUEUES:
            found += [(queue, m) for m in client.lrange(queue, 0, -1) if _holds(needles, m)]
        taken = client.hgetall(_TAKEN)
        found += [(_TAKEN, name) for name, message in taken.items() if _holds(needles, message)]
    return found


def _holds(needles: Needles, message: bytes) -> bool:
    return bool(search(needles, [message]).hits)


def _redis() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)


def _needles(trace: Trace) -> Needles:
    return Needles([*trace.subjects, *trace.numbers])


def _logs() -> Iterator[Path]:
    yield from (path for path in sorted((settings.LEAP_HOME / "log").rglob("*")) if path.is_file())


def _looked_through(path: Path, needles: Needles) -> Search:
    with path.open("rb") as file:
        return search(needles, iter(lambda: file.read(_CHUNK), b""))


def _blank(path: Path, trace: Trace) -> int:
    """Stars over each occurrence, of the same length: whoever goes on writing at the end is not disturbed."""
    blanked = 0
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        values: list[Value] = [*trace.subjects, *trace.numbers]
        for value in values:
            for _, spelled in spellings(value):
                at = content.find(spelled)
                while at >= 0:
                    content[at : at + len(spelled)] = b"*" * len(spelled)
                    blanked += 1
                    at = content.find(spelled, at + len(spelled))
    return blanked


def register_keepers() -> None:
    """Each registered store its keeper; a store without one stops the start."""
    register_keeper("redis.limits", Limits())
    # Counted by the names staff sign in with; nobody who is erased has one.
    register_keeper("redis.staff_limits", Unfindable())
    # Sealed, and gone within fourteen days. What is restored serves nobody before the erasures since are
    # carried out again.
    register_keeper("backups", Unfindable())
    register_keeper("redis.queue", Queue())
    register_keeper("logs", Logs())
    register_keeper("media.exports", Copies())
