"""The drill: yesterday's backups put back under a running house, and nobody who was erased since is in it."""

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.live import Live, new_home
from tests.waiting import until

pytestmark = [pytest.mark.processes, pytest.mark.soak]

MAKE = """
import json
from bench.copies import a_guardian
from accounts.models import User
from accounts.services.children import add_child
from datetime import date
from privacy.consent.enums import Channel
from privacy.consent.services import notice
gone, stays = a_guardian(20), a_guardian(20)
for who in (gone, stays):
    add_child(
        guardian=User.objects.get(pk=who), nickname="小豆包", birth_month=date(2021, 5, 1),
        agreements={"children": notice("children").version}, channel=Channel.WEB,
    )
print("made", json.dumps([str(gone), str(stays)]))
"""
CLOSE = """
import json
from uuid import UUID
from privacy.actors import Actor
from privacy.erasure.enums import Reason
from privacy.erasure.services.beginning import begin
from privacy.rights.enums import Entrance, Identity, RequestKind
from privacy.rights.services.filing import Asked, file_request
who = UUID("{who}")
filed = file_request(
    asked=Asked(kinds=[RequestKind.CLOSE_ACCOUNT]), subject_id=who, entrance=Entrance.ACCOUNT,
    identity=Identity.STEPPED_UP, by=Actor("guardian", who),
)
begin(request=filed.request, by=Actor("guardian", who), reason=Reason.CLOSED)
print("made", json.dumps(None))
"""
SEEN = """
import json
from uuid import UUID
from messaging.models import Message
from privacy.keystore.services import Erased, are_usable
from privacy.minors.models import Guardianship
def of(who):
    return [
        Message.objects.filter(recipient_id=who).count(),
        Guardianship.objects.filter(guardian_id=who).count(),
        are_usable(UUID(who), "core"),
    ]
print("made", json.dumps([of("{gone}"), of("{stays}")]))
"""


@pytest.fixture
def product() -> Iterator[Live]:
    running = Live(new_home())
    running.start()
    yield running
    assert running.stop() == 0, running.said()
    shutil.rmtree(running.home.parent)


def told(product: Live, program: str) -> Any:
    done = product.command("shell", "--no-imports", "--command", program)
    assert done.returncode == 0, done.stderr
    [said] = [line for line in done.stdout.splitlines() if line.startswith("made ")]
    return json.loads(said.removeprefix("made "))


def ended(product: Live) -> bool:
    found = product.rows(
        "SELECT count(*) FROM erasure_erasurejob WHERE finished_at IS NOT NULL OR state = 'waiting'"
    )
    return bool(found[0][0])


@pytest.mark.parametrize(
    "only", [(), ("default",), ("minors",), ("keys",)], ids=lambda only: " ".join(only) or "all"
)
def test_what_is_restored_is_erased_again_before_it_serves(product: Live, only: tuple[str, ...]) -> None:
    gone, stays = told(product, MAKE)
    made = product.command("backup")
    assert made.returncode == 0, made.stderr
    told(product, CLOSE.format(who=gone))
    until(lambda: ended(product), seconds=150, what="the erasure")
    after = [[0, 0, False], [20, 1, True]]
    assert told(product, SEEN.format(gone=gone, stays=stays)) == after

    refused = product.command("restore")
    assert refused.returncode == 1
    assert "running" in refused.stderr
    assert product.stop() == 0
    restored = product.command("restore", *(["--only", *only] if only else []))
    assert restored.returncode == 0, restored.stderr
    product.log.write_text("", encoding="utf-8")
    product.start()

    lacked = re.search(r"restored databases lack \(([^)]*)\)", product.said())
    assert lacked, product.said()  # the control: the copies did hold somebody
    assert {word.split()[0] for word in lacked[1].split(", ")} == set(only or ("default", "keys", "minors"))
    assert product.ready()["status"] == "ok"
    assert told(product, SEEN.format(gone=gone, stays=stays)) == after
