"""Guardians with many messages (`-m bench.copies fill 20 10000`) and copies of theirs (`export`, `dump`)."""

import contextlib
import json
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import django


def a_guardian(messages: int) -> UUID:
    """Somebody who was sent so many messages, sealed as those of the product are."""
    from django.utils import timezone

    from accounts.enums import UserKind
    from accounts.models import PhoneBinding, User
    from messaging.enums import Category, MessageState
    from messaging.models import Message
    from privacy.keystore.blind_index import blind_index
    from privacy.keystore.services import key_scope

    number, now = f"+86139{secrets.randbelow(10**8):08d}", timezone.now()
    guardian = User.objects.create(kind=UserKind.GUARDIAN)
    index = blind_index("binding.phone", number)
    PhoneBinding.objects.create(user=guardian, phone=number, phone_index=index, proved_at=now)
    with key_scope():
        Message.objects.bulk_create(
            (
                Message(
                    template="rights_answered",
                    category=Category.SERVICE,
                    purpose="rights",
                    recipient_kind="guardian",
                    recipient_id=guardian.pk,
                    subject_id=guardian.pk,
                    parameters=json.dumps({"reference": f"Q-{turn:07d}"}),
                    state=MessageState.SENT,
                    due_at=now,
                    finished_at=now,
                )
                for turn in range(messages)
            ),
            batch_size=500,
        )
    return guardian.pk


def _export(guardian: UUID) -> int:
    """As a worker makes it; how many rows it holds."""
    from privacy.actors import Actor
    from privacy.rights.enums import Entrance, Identity, PackageState, RequestKind
    from privacy.rights.services.export.making import make, request_export
    from privacy.rights.services.filing import Asked, file_request

    filed = file_request(
        asked=Asked(kinds=[RequestKind.EXPORT]),
        subject_id=guardian,
        entrance=Entrance.ACCOUNT,
        identity=Identity.STEPPED_UP,
        by=Actor("guardian", guardian),
    )
    package = request_export(request=filed.request)
    make(package_id=package.pk)
    package.refresh_from_db()
    if package.state != PackageState.READY:
        raise RuntimeError("the export was not made")
    return package.rows


def _dump(guardian: UUID) -> int:
    """The floor: the same rows in the same words, in one list, as one JSON file in clear."""
    from privacy.actors import Actor
    from privacy.keystore.services import key_scope
    from privacy.rights.services.holdings import areas, reading, rows

    whose = reading(subject_id=guardian, by=Actor("guardian", guardian))
    with key_scope(), tempfile.TemporaryFile("w") as file:
        found = {area.name: list(rows(area, reading=whose)) for area in areas()}
        json.dump(found, file, ensure_ascii=False, default=str)
    return sum(len(each) for each in found.values())


def _fill(messages: Sequence[str]) -> dict[str, list[str]]:
    return {"guardians": [str(a_guardian(int(count))) for count in messages]}


def _measured(deed: Callable[[UUID], int], warm_up: UUID, guardian: UUID) -> dict[str, float]:
    """Seconds of a deed, and bytes of memory beyond what the same deed took for somebody with little."""
    deed(warm_up)
    before, started = _peak(), time.perf_counter()
    rows = deed(guardian)
    return {"rows": rows, "seconds": time.perf_counter() - started, "bytes": _peak() - before}


def _peak() -> int:
    """The most memory this process ever had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    django.setup()
    verb, *given = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        if verb == "fill":
            told: dict[str, Any] = dict(_fill(given))
        else:
            told = _measured({"export": _export, "dump": _dump}[verb], *map(UUID, given))
    sys.stdout.write(json.dumps(told))
