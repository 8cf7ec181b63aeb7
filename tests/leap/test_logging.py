"""Logs help us and tell nobody anything: every negative test holds data that could have leaked."""

import io
import json
import logging
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from leap.logging import JsonLine, dict_config, redact

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "Zk3vQ8xW1nB7yT5rL2mJ9w"
ROW = "019a8c12-3456-7890-8123-456789012345"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the loggers write while the test runs."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "+8613800138000",
        "008613800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138-0013-8000",
        "(138) 0013.8000",
        "138\u200b0013\u200b8000",
        "138\u3000 0013\u30008000",
        "".join(chr(ord(digit) + 0xFEE0) for digit in "13800138000"),
        "1 3 8 0 0 1 3 8 0 0 0",
        "271828",
        "271 828",
        "27-18-28",
        "2718281828459045",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "sent to {}", "to={};", "[{}]", "号码{}。", '"{}"', "x{}y", "/a/{}/"]
)
def test_numbers_and_codes_are_hidden_in_any_spelling(number: str, around: str) -> None:
    hidden = redact(around.format(number))
    assert sum(character.isdigit() for character in hidden) <= 2, hidden
    assert "***" in hidden


@given(st.text(st.sampled_from("0123456789 -+().x"), max_size=40))
def test_six_digits_in_a_row_never_survive(text: str) -> None:
    longest = max(
        (len(run) for run in "".join(c if c.isdigit() else " " for c in redact(text)).split()), default=0
    )
    assert longest < 6


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Not Found: /t/{TOKEN}/", TOKEN),
        (f"/t/{TOKEN}", TOKEN),
        (f"GET https://leap.example/t/{TOKEN}/?a=b", TOKEN),
        (f"Forbidden: /trial/{TOKEN}/cancel/", TOKEN),
        (f"/trial/{TOKEN}.ics", TOKEN),
        ("Not Found: /cities/?q=小明", "小明"),
        ("Not Found: /trial/?phone=1380013", "1380013"),
        ("GET /account/login/?next=/t/abc HTTP/1.1", "abc"),
        ("code=4711", "4711"),
        ("code: 4711", "4711"),
        ("{'code': '4711', 'city': 'hangzhou'}", "4711"),
        ('{"phone": "138 0013"}', "0013"),
        ('{"nickname": "小明 同学"}', "同学"),
        ("child_nickname='Tom'", "Tom"),
        ("password='correct \\'horse\\''", "horse"),
        ("token=abc.def", "abc.def"),
        ("challenge => q1w2e3", "q1w2e3"),
        ("Cookie: session=abcdef", "abcdef"),
        ("CODE=4711", "4711"),
        ("csrfmiddlewaretoken=abcdef", "abcdef"),
        (f"sessionid={TOKEN}", TOKEN),
        ("Invalid request from ip=203.0.113.77: Invalid HTTP request line", "203.0.113.77"),
    ],
)
def test_what_names_or_addresses_give_away_is_hidden(text: str, secret: str) -> None:
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "worker ready after 12 s",
        "Not Found: /trial/",
        f"message {ROW} sent",
        "2026-11-22 07:55:49 restarted 3 times",
        "listening on 127.0.0.1:8000",
        "status 503 in 1200 ms",
        "phone call expected",
    ],
)
def test_what_helps_us_stays(text: str) -> None:
    assert redact(text) == text


def test_every_row_id_stays_whatever_its_digits() -> None:
    for _ in range(500):
        name = str(uuid.uuid4())
        assert redact(f"message {name}") == f"message {name}"


def test_a_line_is_one_object_with_known_fields_only(lines: Lines) -> None:
    extra = {
        "count": 3,
        "state": "sent to 13800138000",
        "phone": "13800138000",
        "status": 13800138000,
        "ms": 12.5,
    }
    logging.getLogger("leap.test").warning("two\nlines to %s", "13800138000", extra=extra)
    (line,) = lines()
    assert line["level"] == "WARNING"
    assert line["logger"] == "leap.test"
    assert line["message"] == "two\nlines to ***"
    assert line["time"].endswith("+00:00")
    assert (line["count"], line["state"], line["status"], line["ms"]) == (3, "sent to ***", "***", 12.5)
    assert "phone" not in line


def test_what_is_not_english_was_typed_by_somebody(lines: Lines) -> None:
    logging.getLogger("leap.test").warning("child %s moved to %s", "小明", "Hangzhou", extra={"state": "Zoë"})
    (line,) = lines()
    assert (line["message"], line["state"]) == ("child *** moved to Hangzhou", "Zo***")


def test_an_exceptions_words_are_not_repeated_in_the_message(lines: Lines) -> None:
    try:
        int("Tom")
    except ValueError as error:
        logging.getLogger("celery.app.trace").exception(
            "Task messaging.tasks.send[%s] raised unexpected: %r",
            ROW,
            error,
            extra={"data": {"args": "['Tom']"}},
        )
        logging.getLogger("django.security").exception(str(error))
    assert "Tom" not in json.dumps(lines())
    assert ROW in lines()[0]["message"]


def logged(lines: Lines, work: Callable[[], object]) -> dict[str, Any]:
    try:
        work()
    except Exception:
        logging.getLogger("leap.test").exception("it broke")
    return lines()[-1]


@pytest.mark.parametrize(
    "work",
    [
        lambda: int("小明 13800138000"),
        lambda: int("Tom"),
        lambda: {}["13800138000"],
        lambda: "小明".encode("ascii"),
        lambda: json.loads('{"nickname": "Tom", }'),
        lambda: uuid.UUID("Tom"),
        lambda: exec("raise RuntimeError('code=4711 for 小明 at 13800138000')"),  # noqa: S102
    ],
)
def test_an_exception_is_told_by_type_and_place(lines: Lines, work: Callable[[], object]) -> None:
    line = logged(lines, work)
    text = json.dumps(line, ensure_ascii=False)
    for secret in ("小明", "Tom", "13800138000", "4711"):
        assert secret not in text
    described = line["exception"][0]
    assert described["type"].split(".")[0] in {"builtins", "json"}
    assert any("test_logging.py" in frame and "logged" in frame for frame in described["frames"])


def test_the_cause_is_told_too(lines: Lines) -> None:
    def work() -> None:
        try:
            int("小明")
        except ValueError as error:
            raise RuntimeError("cannot read") from error

    kinds = [described["type"] for described in logged(lines, work)["exception"]]
    assert kinds == ["builtins.RuntimeError", "builtins.ValueError"]


def test_endless_recursion_makes_a_short_line(lines: Lines) -> None:
    def work() -> None:
        work()

    assert len(logged(lines, work)["exception"][0]["frames"]) <= 30


@pytest.mark.django_db
def test_a_database_error_is_code_and_constraint(lines: Lines) -> None:
    def violate() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DO $$ BEGIN RAISE unique_violation USING MESSAGE = 'Key (phone)=(13800138000) exists', "
                "DETAIL = 'Key (nickname)=(小明)', HINT = 'Tom', "
                "CONSTRAINT = 'one_live_number', TABLE = 'binding'; END $$"
            )

    line = logged(lines, violate)
    text = json.dumps(line, ensure_ascii=False)
    for secret in ("13800138000", "小明", "Tom", "RAISE"):
        assert secret not in text
    described = line["exception"][0]
    assert described["type"] == f"{IntegrityError.__module__}.{IntegrityError.__qualname__}"
    assert (described["sqlstate"], described["constraint"], described["table"]) == (
        "23505",
        "one_live_number",
        "binding",
    )


@pytest.mark.django_db
def test_a_value_the_database_cannot_read_is_not_repeated(lines: Lines) -> None:
    def misread() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::uuid", ["小明 Tom"])

    line = logged(lines, misread)
    assert line["exception"][0]["type"].endswith(DataError.__qualname__)
    assert "Tom" not in json.dumps(line, ensure_ascii=False)


def test_a_request_is_one_line_by_route(lines: Lines) -> None:
    visitor = Client(REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="Tom's phone")
    response = visitor.get(f"/no/such/{TOKEN}/13800138000/?phone=13800138000&nickname=Tom")
    written = [line for line in lines() if line["logger"] == "leap.request"]
    assert len(written) == 1
    line = written[0]
    assert (line["method"], line["route"], line["status"]) == ("GET", None, 404)
    assert line["request_id"] == response["X-Request-Id"]
    assert isinstance(line["ms"], int)
    text = json.dumps(lines(), ensure_ascii=False)
    for secret in (TOKEN, "13800138000", "Tom", "203.0.113.77", "no/such"):
        assert secret not in text


def test_a_known_page_is_logged_by_its_pattern(lines: Lines) -> None:
    Client().get("/healthz?phone=13800138000")
    (line,) = [line for line in lines() if line["logger"] == "leap.request"]
    assert (line["route"], line["status"]) == ("healthz", 200)


def test_refused_forms_and_hosts_leave_no_trace_of_what_was_typed(lines: Lines) -> None:
    Client(enforce_csrf_checks=True).post(f"/trial/?token={TOKEN}", {"phone": "13800138000", "code": "4711"})
    Client(raise_request_exception=False).get("/?phone=13800138000", HTTP_HOST="evil.example")
    text = json.dumps(lines(), ensure_ascii=False)
    assert "django.security" in text
    for secret in (TOKEN, "13800138000", "4711"):
        assert secret not in text


def test_a_host_that_is_not_ours_leaves_one_short_line(lines: Lines) -> None:
    Client(raise_request_exception=False).get("/healthz", HTTP_HOST="x" * 8000 + ".example")
    assert [line["logger"] for line in lines() if line["logger"].startswith("django.security")] == []
    assert [line["status"] for line in lines() if line["logger"] == "leap.request"] == [400]
    assert max(len(json.dumps(line)) for line in lines()) < 8000


def test_no_message_is_longer_than_a_few_lines(lines: Lines) -> None:
    logging.getLogger("leap.test").warning("from %s", "a b " * 5000, extra={"host": "c d " * 5000})
    try:
        raise RuntimeError("e f " * 5000)
    except RuntimeError:
        logging.getLogger("leap.test").exception("it broke")
    first, second = lines()
    assert (len(first["message"]), len(first["host"])) == (300, 300)
    assert len(second["exception"][0]["message"]) == 1000


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_statements_and_arguments_stay_out_at_every_level(level: str) -> None:
    loggers = dict_config(level)["loggers"]
    for name in ("django.db.backends", "celery.worker.strategy"):
        assert loggers[name]["level"] != "DEBUG"
    assert loggers["gunicorn.access"] == {"handlers": [], "propagate": False}


def test_a_process_writes_nothing_but_such_lines() -> None:
    script = (
        "import django; django.setup()\n"
        "import logging, warnings\n"
        "logging.getLogger('anybody.at.all').error('call %s', '13800138000')\n"
        "logging.getLogger('django.request').warning('Not Found: %s', '/t/abc/')\n"
        "warnings.warn('from 13800138000')\n"
        "logging.getLogger('celery.app.trace').info('task %s', 'x', extra={'data': {'args': '4711'}})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "leap.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    written = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["logger"] for line in written] == ["anybody.at.all", "py.warnings", "celery.app.trace"]
    assert done.stdout == ""
    for secret in ("13800138000", "4711", "abc"):
        assert secret not in done.stderr


@pytest.mark.parametrize("route", ["api/v1/verification-codes/", "api/v1/data-subject-requests/"])
def test_our_own_words_in_an_address_stay_readable(route: str) -> None:
    assert redact(f"/{route}") == f"/{route}"
