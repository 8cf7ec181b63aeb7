"""The search for leftovers looks everywhere, finds what lies there, and says so where it cannot."""

import io
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import call_command

from kit.needles import Needles
from leap.services.residue.cleaning import clean
from leap.services.residue.places import Place, Unreadable, places
from leap.services.residue.reach import Reach
from leap.services.residue.scanning import look, scan
from leap.services.residue.self_test import Sentinels, self_test
from privacy.erasure.models import ResidueRun

MARK = "哨兵查残留一二三"
EVERYWHERE = {
    "data",
    "wal",
    "dump",
    "custom_dump",
    "redis",
    "redis_values",
    "slow_log",
    "logs",
    "media",
    "exports",
    "backups",
    "home",
}


@pytest.fixture
def reach() -> Reach:
    return Reach.here()


def found(reach: Reach) -> set[str]:
    return {report.name for report in scan([MARK], reach=reach) if report.found}


def test_self_test_finds_every_copy_in_every_place(reach: Reach) -> None:
    missed = self_test(reach=reach)

    assert set(missed) == EVERYWHERE
    assert missed == {place: [] for place in EVERYWHERE}


def test_self_test_tells_what_is_missed(reach: Reach) -> None:
    """The control: nothing planted, so everything is missed."""
    sentinels = Sentinels()
    report = look(Needles(sentinels.values), [one for one in places(reach) if one.name == "logs"])[0]

    missed = sentinels.missed(report)

    assert "packed as gzip" in missed
    assert any(name.startswith("base64 of value") for name in missed)
    assert len(missed) > 50


def test_a_copy_in_redis_is_found_until_its_file_is_written_anew(reach: Reach) -> None:
    with redis.Redis.from_url(reach.redis_url) as client:
        client.set("leap:test", MARK)
        assert {"redis", "redis_values"} <= found(reach)
        client.delete("leap:test")
        assert found(reach) == {"redis"}

        clean(reach=reach, only=["nothing"])

        assert found(reach) == set()


def test_a_name_of_a_file_is_looked_at_too(reach: Reach) -> None:
    planted = Path(settings.LEAP_HOME) / "media" / f"{MARK}.txt"
    planted.write_text("nothing in it", encoding="utf-8")
    try:
        assert found(reach) == {"media"}
    finally:
        planted.unlink()


def test_what_is_out_of_reach_is_said_and_not_called_clean(reach: Reach) -> None:
    far = replace(reach, data=None, urls={})

    told = {report.name: report.unreached for report in scan([MARK], reach=far)}

    assert {name for name, why in told.items() if why} == {"data", "wal", "dump", "custom_dump"}


def test_a_place_that_breaks_off_is_said_too() -> None:
    def breaks() -> object:
        raise Unreadable("a dump could not be made to its end")

    report = look(Needles([MARK]), [Place("dump", breaks)])[0]

    assert report.unreached == "a dump could not be made to its end"


@pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])
def test_the_command_says_where_and_never_what(tmp_path: Path) -> None:
    values = tmp_path / "values"
    values.write_text(f"{MARK}\n+8613800009999\n", encoding="utf-8")
    planted = Path(settings.LEAP_HOME) / "log" / "planted.log"
    planted.write_bytes(b"before " + MARK.encode("utf-16-le") + b" after")
    said = io.StringIO()
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("residue_scan", values_from=str(values), stdout=said)
    finally:
        planted.unlink()

    assert ended.value.code == 1
    assert "planted.log: value 1 as utf-16-le" in said.getvalue()
    assert MARK not in said.getvalue()
    assert "13800009999" not in said.getvalue()
    run = ResidueRun.objects.get()
    assert (run.kind, run.findings, run.places["logs"]["found"]) == ("scan", 1, 1)
    assert MARK not in str(run.places)


@pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])
def test_without_arguments_it_proves_itself_first() -> None:
    said = io.StringIO()

    with redirect_stdout(io.StringIO()):
        call_command("residue_scan", stdout=said)

    assert said.getvalue().count(" ok\n") == len(EVERYWHERE)
    assert "no canary yet" in said.getvalue()
    assert ResidueRun.objects.get().kind == "self_test"
