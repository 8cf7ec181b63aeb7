"""Keys to roll (`-m bench.rotations fill 200000`), the bare update of them (`bare`), the roll (`roll`)."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import django

_BATCH = 5000
_READERS_KEYS = 1000
_BARE = """
WITH found AS (
    SELECT id, wrapped FROM keystore_subjectkey WHERE id > %s AND wrapped IS NOT NULL AND kek_set = 'main'
    ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
), changed AS (
    UPDATE keystore_subjectkey kept SET wrapped = found.wrapped, kek_epoch = kept.kek_epoch + %s
    FROM found WHERE kept.id = found.id RETURNING kept.id
)
SELECT max(id::text) FROM changed
"""


def fill(keys: int) -> dict[str, int]:
    """So many subjects with a key each."""
    from bench.copying import copy, superuser
    from kit.uuid7 import uuid7
    from privacy.inventory.enums import Klass
    from privacy.keystore import kek
    from privacy.keystore.envelope import new_key, wrap
    from privacy.keystore.models import SubjectKey

    epoch, wrapping = kek.newest("main")

    def made() -> Iterator[dict[str, Any]]:
        for _ in range(keys):
            subject = uuid7()
            wrapped = wrap(wrapping, new_key(), subject=subject, klass=Klass.CORE, gen=1, epoch=epoch)
            yield {"id": uuid7(), "subject": subject, "wrapped": wrapped}

    with superuser(os.environ["KEYS_DATABASE_ADMIN_URL"]) as cursor:
        copy(cursor, SubjectKey(klass=Klass.CORE, gen=1, kek_epoch=epoch), made(), "keys")
    return {"keys": keys}


def bare() -> dict[str, float]:
    """The same rows changed in the same batches, and nothing opened; then as they were."""
    began = time.perf_counter()
    _shift(1000)
    seconds = time.perf_counter() - began
    _shift(-1000)
    return {"seconds": seconds}


def _shift(epochs: int) -> None:
    from django.db import connections

    last: str | None = str(UUID(int=0))
    with connections["keys"].cursor() as cursor:
        while last is not None:
            cursor.execute(_BARE, [last, _BATCH, epochs])
            (last,) = cursor.fetchone() or (None,)


def roll() -> dict[str, float]:
    """A roll, with a reader in a process of its own."""
    from privacy.keystore.rotation import epochs

    reader = subprocess.Popen(
        [sys.executable, "-m", "bench.rotations", "read"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if reader.stdout is None or reader.stdout.readline() != b"ready\n":
        raise RuntimeError("nobody reads")
    began = time.perf_counter()
    epochs.roll()
    seconds = time.perf_counter() - began
    read: dict[str, float] = json.loads(reader.communicate()[0])
    return {"seconds": seconds, **read}


def read() -> dict[str, float]:
    """Keys read and opened one after the other, until the one who asked closes the door."""
    import select

    from privacy.keystore import store
    from privacy.keystore.models import SubjectKey

    subjects = list(SubjectKey.objects.order_by("-pk").values_list("subject", flat=True)[:_READERS_KEYS])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    waited: list[float] = []
    failed = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        began = time.perf_counter()
        rows = store.rows_of([subjects[len(waited) % len(subjects)]])
        failed += not all(row.key for found in rows.values() for row in found)
        waited.append(time.perf_counter() - began)
    return {
        "reads": len(waited),
        "failed": failed,
        "longest": max(waited),
        "usual": statistics.median(waited),
    }


if __name__ == "__main__":
    django.setup()
    deeds = {"fill": fill, "bare": bare, "roll": roll, "read": read}
    arguments = [int(word) for word in sys.argv[2:]]
    if sys.argv[1] == "read":
        answer = read()
    else:
        with contextlib.redirect_stdout(sys.stderr):  # progress; what we were asked for stays alone
            answer = deeds[sys.argv[1]](*arguments)  # type: ignore[operator]  # each takes its own
    sys.stdout.write(json.dumps(answer))
