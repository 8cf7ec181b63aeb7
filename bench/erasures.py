"""Guardians with a few messages (`-m bench.erasures fill 200`), and erasures of theirs (`one`, `raw`)."""

import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any
from uuid import UUID

import django
import psycopg2

from bench.copies import a_guardian

_MESSAGES = 12  # of an average family
# What a plain deletion does: rows go in one transaction of one database, and nothing is proved.
_RAW = (
    "DELETE FROM messaging_message WHERE subject_id = %s",
    "DELETE FROM accounts_phonebinding WHERE user_id = %s",
    "DELETE FROM accounts_user WHERE id = %s",
)


def _begun(guardian: UUID) -> Any:
    """As the page does it: the person asks to close the account, and it begins."""
    from privacy.actors import Actor
    from privacy.erasure.enums import Reason
    from privacy.erasure.services.beginning import begin
    from privacy.rights.enums import Entrance, Identity, RequestKind
    from privacy.rights.services.filing import Asked, file_request

    by = Actor("guardian", guardian)
    filed = file_request(
        asked=Asked(kinds=[RequestKind.CLOSE_ACCOUNT]),
        subject_id=guardian,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=by,
    )
    return begin(request=filed.request, by=by, reason=Reason.CLOSED)


def _erased(guardian: UUID) -> tuple[float, float]:
    """Seconds from asking until nothing can be read, and until the certificate."""
    from privacy.erasure.services.running import run
    from privacy.keystore.services import key_scope

    asked = time.time()
    with key_scope():
        job = _begun(guardian)
        run(job_id=job.pk)
    done = time.time()
    job.refresh_from_db()
    if job.unreadable_at is None or job.finished_at is None:
        raise RuntimeError("the erasure did not end")
    return job.unreadable_at.timestamp() - asked, done - asked


def _one(guardians: Sequence[UUID]) -> dict[str, float]:
    unreadable, whole = zip(*map(_erased, guardians), strict=True)
    return {"unreadable": median(unreadable), "whole": median(whole), "slowest": max(unreadable)}


def _raw(guardians: Sequence[UUID]) -> dict[str, float]:
    """The floor: the same rows deleted by hand, each person a transaction."""
    with contextlib.closing(psycopg2.connect(os.environ["DATABASE_OWNER_URL"])) as database:
        started = time.perf_counter()
        for guardian in guardians:
            with database, database.cursor() as cursor:
                for statement in _RAW:
                    cursor.execute(statement, [str(guardian)])
        return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    django.setup()
    verb, *given = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        if verb == "fill":
            told: Any = {"guardians": [str(a_guardian(_MESSAGES)) for _ in range(int(given[0]))]}
        else:
            people = [UUID(name) for name in json.loads(sys.stdin.read())]
            told = {"one": _one, "raw": _raw}[verb](people)
    sys.stdout.write(json.dumps(told))
