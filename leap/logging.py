"""Logs: one JSON object a line on stderr, with nothing in it that identifies a person.

Two more are kept in a file a day: what was visited, and what was refused. Neither has a name in it, not even
of a request, so what somebody did cannot be put together from them (L-PP-4.1-3d).
"""

import json
import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django import db

from leap.env import env_str

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_HIDDEN = "***"
# What callers may add with `extra=`. Everything else they pass is dropped, whatever it holds.
_FIELDS = (
    "method", "route", "status", "ms", "task", "task_id", "message_id", "gateway", "template", "state",
    "attempt", "count", "seconds", "service", "pid", "host", "database", "action",
)  # fmt: skip
# All there is in a line of the two logs that are kept.
_KEPT_FIELDS = ("event", "method", "route", "status", "ms")
_FRAMES = 30  # innermost ones; a RecursionError has a thousand
_CHAINED = 5  # causes of causes
_LONGEST_MESSAGE = 300  # characters; a visitor's words may be in it, as long as a header may be
_LONGEST_EXCEPTION = 1000  # characters; says what to set when a start is refused
_LONGEST_READ = 4000  # characters of anything that are looked through
_SHORT_NUMBER = 100_000  # anything with six digits might be a code
_TELLING = 4  # characters; shorter words of an exception would be found in any message

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_BETWEEN = r"[\s().·\-\u2010-\u2015\u2212\u200b-\u200f\u2060\ufeff]"
_NUMBERS = re.compile(
    rf"(?P<uuid>\b{_UUID}\b)"  # names a row, not a person
    rf"|(?<!\d)[1\uff11](?:{_BETWEEN}{{0,3}}\d){{10}}(?!\d)"  # a mobile number, however spaced
    r"|(?<![\d-])(?:\d{3}[ -]\d{3}|\d{2}[ -]\d{2}[ -]\d{2})(?![\d:-])"  # a code as people group it
    r"|\d{6,}"
)
_TELLING_NAMES = (
    r"(?:code|phone|mobile|password|passwd|secret|nickname|birth_month|token|challenge|cookie|authorization"
    r"|sessionid|csrf\w*|(?<![a-z])ip|remote_addr)"
)
_NAMED = re.compile(
    rf"(?P<name>\b\w*{_TELLING_NAMES}\b[\"']?\s*(?:=>|[:=])\s*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&)\]}]+)",
    re.IGNORECASE,
)
_QUERY = re.compile(r"(?P<path>(?:/|://)[^\s?\"'<>]*)\?[^\s\"'<>]*")
_LINK_TOKEN = re.compile(r"(?P<lead>/(?:t|join|privacy/ask)/)[^/\s\"'<>]+")
# A random name: long, and not of small letters alone as our own words in addresses are.
_OPAQUE_SEGMENT = re.compile(r"(?<=/)(?=[a-z-]*[A-Z0-9_])[A-Za-z0-9_-]{16,}(?=/|\s|\.ics\b|$)")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_NOT_ENGLISH = re.compile(r"[^\x00-\x7f]+")


def configure(config: Mapping[str, Any]) -> None:
    """What ``LOGGING_CONFIG`` names. ``config`` is ``settings.LOGGING``: ``{"level": "INFO"}``."""
    logging.config.dictConfig(dict_config(config["level"]))
    logging.captureWarnings(True)


def _kept(kind: str) -> dict[str, Any]:
    """The handler of lines that are kept for a time the law says, in files of a day each."""
    return {"class": "kit.day_files.DayFile", "formatter": "kept", "folder": kept_logs() / kind}


def dict_config(level: str) -> dict[str, Any]:
    """The same for other processes' own set-up, such as gunicorn's ``logconfig_dict``."""
    through_root: dict[str, Any] = {"handlers": [], "propagate": True}
    least_info = "INFO" if level == "DEBUG" else level
    kept = {"level": "INFO", "propagate": False}  # whatever the level: the law asks for them
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "leap.logging.JsonLine"},
            "kept": {"()": "leap.logging.KeptLine"},
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"},
            "behaviour": _kept("behaviour"),
            "security": _kept("security"),
        },
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {
            "django": through_root,
            # The request log has every refusal already, by route; this one would write paths.
            "django.request": through_root | {"level": "ERROR"},
            "django.server": through_root,
            "django.security": through_root,
            # One a visit of every scanner; the request log has them as 400.
            "django.security.DisallowedHost": through_root | {"level": "CRITICAL"},
            "django.db.backends": through_root
            | {"level": least_info},  # below it come statements with values
            "gunicorn.error": through_root,
            "gunicorn.access": {"handlers": [], "propagate": False},  # it would write paths and addresses
            "leap.behaviour": kept | {"handlers": ["behaviour"]},
            "leap.security": kept | {"handlers": ["security"]},
            "celery": through_root,
            "celery.worker.strategy": through_root | {"level": least_info},  # below it come tasks' arguments
        },
    }


def kept_logs() -> Path:
    """Where kept logs have their folders; by the environment, for the web server has no settings yet."""
    return Path(env_str("LEAP_HOME", str(Path(__file__).resolve().parent.parent / "var"))) / "log"


class KeptLine(logging.Formatter):
    """A line of the logs that are kept: the minute, and what was visited or refused. Nothing says by whom."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="minutes")
        told = {name: record.__dict__[name] for name in _KEPT_FIELDS if name in record.__dict__}
        return json.dumps({"at": at, **told}, ensure_ascii=False)


class JsonLine(logging.Formatter):
    """A log record as one line: time (UTC), level, logger, message, allowed extras, exceptions."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_people(_message_of(record)),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: _safe(record.__dict__[name]) for name in _FIELDS if name in record.__dict__}
        if record.exc_info and record.exc_info[1]:
            line["exception"] = [_described(exception) for exception in _chain(record.exc_info[1])]
        return json.dumps(line, ensure_ascii=False)


def redact(text: str) -> str:
    """``text`` without numbers, codes, tokens, queries and the values of telling names."""
    text = _QUERY.sub(r"\g<path>", text)
    text = _LINK_TOKEN.sub(rf"\g<lead>{_HIDDEN}", text)
    text = _OPAQUE_SEGMENT.sub(_HIDDEN, text)
    text = _NAMED.sub(rf"\g<name>{_HIDDEN}", text)
    return _NUMBERS.sub(lambda match: match["uuid"] or _HIDDEN, text)


def _safe(value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < _SHORT_NUMBER:
        return value
    return _without_people(str(value))


def _without_people(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """Our own words in logs are English: what is not was typed by somebody."""
    return _NOT_ENGLISH.sub(_HIDDEN, redact(text[:_LONGEST_READ]))[:longest]


def _message_of(record: logging.LogRecord) -> str:
    """The message, less the exception's own words: those are told apart, and cleaned."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        for words in (repr(record.exc_info[1]), str(record.exc_info[1])):
            text = text.replace(words, _HIDDEN) if len(words) >= _TELLING else text
    return text


def _chain(exception: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = exception
    for _ in range(_CHAINED):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _described(exception: BaseException) -> dict[str, Any]:
    kind = type(exception)
    described: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if isinstance(exception, db.Error) or hasattr(exception, "pgcode"):
        described |= _database_error(exception)
    else:
        described["message"] = _words_of(exception)
    described["frames"] = _frames(exception.__traceback__)
    return described


def _words_of(exception: BaseException) -> str:
    text = str(exception)
    if isinstance(exception, ValueError):
        text = _QUOTED.sub(_HIDDEN, text)  # these quote the value they could not take
    return _without_people(text, _LONGEST_EXCEPTION)


def _database_error(exception: BaseException) -> dict[str, Any]:
    """Code and constraint; never the server's text, which quotes the row."""
    source = exception if hasattr(exception, "pgcode") else exception.__cause__
    diagnosed = getattr(source, "diag", None)
    named = {
        "sqlstate": getattr(source, "pgcode", None),
        "constraint": getattr(diagnosed, "constraint_name", None),
        "table": getattr(diagnosed, "table_name", None),
    }
    return {name: value for name, value in named.items() if value}


def _frames(trace: TracebackType | None) -> list[str]:
    summary = traceback.extract_tb(trace)[-_FRAMES:]
    return [f"{frame.filename.removeprefix(sys.prefix)}:{frame.lineno} {frame.name}" for frame in summary]
