"""The search for leftovers looks everywhere, finds what lies there, and says so where it cannot."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from leap.services.residue import cleaning, places, redis_reading
from leap.services.residue.reach import Reach
from leap.services.residue.scanning import PlaceReport, findings, scan
from leap.services.residue.self_test import self_test

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


def by_name(reports: list[PlaceReport]) -> dict[str, PlaceReport]:
    return {report.name: report for report in reports}


def test_self_test_finds_every_copy_in_every_place(reach: Reach) -> None:
    missed = self_test(reach=reach)

    assert set(missed) == EVERYWHERE
    assert missed == dict.fromkeys(EVERYWHERE, [])
