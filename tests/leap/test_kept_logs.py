"""What is kept a year and what half a year: who did it stands in neither, and neither outlives its time."""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kit.day_files import DayFile, TooYoung, days_in, drop_older, path_of
from leap.logging import KeptLine
from leap.services.kept_logs import BEHAVIOUR_LEAST, make_anonymous, tidy_logs, turn
from tests.people import ask_code, filled, new_phone
from tests.staff import a_member_of_staff

TODAY = date(2026, 11, 22)
SIX_MONTHS = timedelta(days=184)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The two logs, in a folder of the test's."""
    before: dict[str, list[logging.Handler]] = {}
    for name in ("behaviour", "security"):
        handler = DayFile(tmp_path / name)
        handler.setFormatter(KeptLine())
        log = logging.getLogger(f"leap.{name}")
        before[name], log.handlers = log.handlers, [handler]
    yield tmp_path
    for name, handlers in before.items():
        log = logging.getLogger(f"leap.{name}")
        log.handlers[0].close()
        log.handlers = handlers


def lines(folder: Path) -> list[dict[str, Any]]:
    texts = (path_of(folder, day).read_text(encoding="utf-8") for day in days_in(folder))
    return [json.loads(line) for text in texts for line in text.splitlines()]


def a_file(folder: Path, day: date, text: str = "{}\n") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path_of(folder, day).write_text(text, encoding="utf-8")
    return path_of(folder, day)


@pytest.mark.django_db(transaction=True, databases="__all__")
@pytest.mark.clause("L-PP-4.1-3d")
def test_a_visit_leaves_a_line_and_nothing_of_the_visitor(kept: Path, client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    typed = {**filled(phone, challenge), "child_nickname": "小豆包"}
    answer = client.post("/trial/?channel=wechat", typed, REMOTE_ADDR="198.51.100.7")

    written = lines(kept / "behaviour")

    assert [(line["method"], line["route"], line["status"]) for line in written] == [
        ("POST", "trial/", 200),
        ("POST", "trial/", answer.status_code),
    ]
    assert {frozenset(line) for line in written} == {frozenset({"at", "method", "route", "status", "ms"})}
    text = path_of(kept / "behaviour", timezone.localdate()).read_text(encoding="utf-8")
    cookies = [cookie.value for cookie in client.cookies.values()]
    request_id = answer["X-Request-Id"]
    for secret in (phone, typed["code"], challenge, "小豆包", "198.51.100.7", request_id, *cookies):
        assert secret not in text


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_refusals_leave_a_line_and_nobody_s_name(kept: Path, client: Client) -> None:
    phone = new_phone()
    challenge = ask_code(client, phone)
    client.post("/trial/", {**filled(phone, challenge), "code": "000000"})
    client.get("/api/v1/trial-bookings/")
    staff = a_member_of_staff()
    client.post("/staff/login/", {"username": staff.username, "password": "not-this-one", "next": "/staff/"})
    for _ in range(6):
        client.post("/trial/", {"phone": phone, "action": "send_code"})

    seen = Counter(line["event"] for line in lines(kept / "security"))

    assert (seen["code_wrong"], seen["login_failed"], seen["not_signed_in"]) == (1, 1, 1)
    assert seen["limited"] >= 1
    text = path_of(kept / "security", timezone.localdate()).read_text(encoding="utf-8")
    assert phone not in text
    assert str(staff.username) not in text


def test_files_are_their_owners_alone(kept: Path) -> None:
    logging.getLogger("leap.behaviour").info("request", extra={"status": 200})
    path = path_of(kept / "behaviour", timezone.localdate())
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o077) == (0o600, 0)


def test_processes_that_write_at_once_mix_no_lines(tmp_path: Path) -> None:
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            handler = DayFile(tmp_path)
            for _ in range(200):
                handler.handle(logging.makeLogRecord({"msg": str(number) * 500}))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    (day,) = days_in(tmp_path)
    written = Counter(path_of(tmp_path, day).read_text(encoding="utf-8").splitlines())
    assert written == {str(number) * 500: 200 for number in range(4)}


@pytest.mark.clause("L-PP-4.1-3d")
def test_visits_are_kept_a_year_and_then_dropped(tmp_path: Path) -> None:
    folder = tmp_path / "behaviour"
    for days in (364, 365, 366, 400):
        a_file(folder, TODAY - timedelta(days=days))
    assert tidy_logs(tmp_path, today=TODAY) == 2
    assert [(TODAY - day).days for day in days_in(folder)] == [365, 364]


@pytest.mark.clause("L-PP-4.1-3d")
def test_younger_ones_are_refused_whatever_is_asked(tmp_path: Path) -> None:
    a_file(tmp_path, TODAY - timedelta(days=400))
    with pytest.raises(TooYoung):
        drop_older(tmp_path, today=TODAY, than=timedelta(days=364), least=BEHAVIOUR_LEAST)
    with pytest.raises(TooYoung):
        drop_older(tmp_path, today=TODAY, than=timedelta(days=183), least=SIX_MONTHS)
    assert len(list(days_in(tmp_path))) == 1


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "security").mkdir()
    (tmp_path / "security" / "notes.txt").write_text("kept")
    assert tidy_logs(tmp_path, today=TODAY) == 0
    assert (tmp_path / "security" / "notes.txt").exists()


@pytest.mark.clause("L-PP-4.1-3d")
def test_yesterdays_visits_are_made_anonymous(tmp_path: Path) -> None:
    common = [visit(minute, "trial/", ms=20 + minute) for minute in range(30)]
    rare = visit(31, "account/children/<public_id>/", ms=7777)
    path = a_file(tmp_path / "behaviour", TODAY - timedelta(days=1), "".join([*common, rare]))

    tidy_logs(tmp_path, today=TODAY)

    left = Counter(path.read_text(encoding="utf-8").splitlines())
    assert left.total() == 31
    assert all(count >= 5 for line, count in left.items() if set(json.loads(line).values()) != {None})
    assert {json.loads(line)["route"] for line in left} == {"trial/", None}
    once = path.read_text(encoding="utf-8")
    make_anonymous(path)
    assert path.read_text(encoding="utf-8") == once


def visit(minute: int, route: str, *, ms: int) -> str:
    row = {"at": f"2026-11-21T10:{minute:02}+00:00", "method": "GET", "route": route, "status": 200, "ms": ms}
    return f"{json.dumps(row)}\n"


def test_today_s_file_is_not_touched(tmp_path: Path) -> None:
    path = a_file(tmp_path / "behaviour", TODAY, visit(1, "trial/", ms=3))
    tidy_logs(tmp_path, today=TODAY)
    assert path.read_text(encoding="utf-8") == visit(1, "trial/", ms=3)


def test_a_programs_log_is_turned_each_month_and_dropped_within_a_year(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    writer = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(writer, b"of October\n")

    assert turn(tmp_path, today=TODAY) == 0

    os.write(writer, b"of November\n")
    os.close(writer)
    aside = tmp_path / "worker.log.2026-11"
    assert (aside.read_text(), log.read_text()) == ("of October\n", "of November\n")
    assert turn(tmp_path, today=TODAY + timedelta(days=1)) == 0
    assert log.read_text() == "of November\n"
    old = timezone.now() - timedelta(days=332)
    os.utime(aside, (old.timestamp(), old.timestamp()))
    assert turn(tmp_path, today=timezone.localdate()) == 1
    assert not aside.exists()
