"""Each store that is no table finds what it holds of somebody, drops it, and finds nothing after."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from kit.limiter import Limit, LimitReached, check, take
from privacy.inventory import registry
from privacy.inventory.keepers import Trace, keepers
from privacy.keystore.blind_index import blind_index

NUMBER = "+8613800007777"
OTHER = "+8613800008888"


def trace() -> Trace:
    return Trace(subjects=frozenset({uuid4()}), numbers=frozenset({NUMBER}))


def test_every_store_has_a_keeper() -> None:
    assert set(keepers) == set(registry.stores)


@pytest.mark.django_db(databases=["default"])
@pytest.mark.parametrize("store", sorted(registry.stores))
def test_a_store_that_holds_nothing_of_them_says_so(store: str) -> None:
    keeper, nobody = keepers[store], trace()

    assert keeper.locate(nobody) == keeper.erase(nobody) == keeper.verify(nobody) == 0
    assert list(keeper.export(nobody)) == []


def test_limits_of_a_number_and_of_an_account_are_forgotten_and_nobody_else_s() -> None:
    who, keeper = trace(), keepers["redis.limits"]
    (subject,) = who.subjects
    own = [Limit(scope="a", key=str(subject), count=1, seconds=60), _limit("b", NUMBER), _limit("c", NUMBER)]
    stranger = _limit("b", OTHER)
    take([*own, stranger])

    assert keeper.locate(who) == 3
    assert keeper.erase(who) == 3
    assert keeper.verify(who) == keeper.erase(who) == 0
    check(own)
    with pytest.raises(LimitReached):
        check([stranger])


def test_a_nudge_that_names_them_leaves_the_queue() -> None:
    who, keeper = trace(), keepers["redis.queue"]
    (subject,) = who.subjects
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.rpush("celery", _message(str(subject)), _message("somebody else"))
        client.hset("unacked", "a", _message(str(subject)))

        assert keeper.locate(who) == 2
        assert keeper.erase(who) == 2
        assert keeper.verify(who) == 0
        assert client.llen("celery") == 1


def test_a_slip_in_a_log_is_blanked_where_it_stands() -> None:
    who, keeper = trace(), keepers["logs"]
    log = Path(settings.LEAP_HOME) / "log" / "slip.log"
    text = f"a line\ncalled {NUMBER} and {NUMBER[3:]}\nanother line {OTHER}\n"
    log.write_text(text, encoding="utf-8")
    try:
        assert keeper.locate(who) > 0
        assert keeper.erase(who) > 0
        assert keeper.verify(who) == 0
        assert log.stat().st_size == len(text)
        assert "another line " + OTHER in log.read_text(encoding="utf-8")
    finally:
        log.unlink()


def _limit(scope: str, number: str) -> Limit:
    return Limit(scope=scope, key=blind_index("code.phone", number), count=1, seconds=60)


def _message(said: str) -> str:
    body = base64.b64encode(json.dumps([[], {"id": said}]).encode()).decode()
    return json.dumps({"body": body, "headers": {}})
