"""The API's description as a page needs it: calls in groups, bodies as plain rows, refusals in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kit.problem_json import CATALOGUE

_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 3  # levels of a body written out
_FIRST_ERROR = 400
_HAN = re.compile("[\u4e00-\u9fff]")
_KINDS = {
    "string": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "true 或 false",
    "object": "对象",
    "array": "列表",
    "null": "null",
}
_FORMATS = {"date-time": "时间（ISO 8601）", "date": "日期（YYYY-MM-DD）", "uri": "网址", "uuid": "编号"}
Schema = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One value of a body or a query: ``name`` is the path to it, ``sessions[].id``."""

    name: str
    kind: str
    required: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A problem a call may answer with."""

    status: int
    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: how it is made, what it takes, what it answers."""

    anchor: str
    method: str
    path: str
    words: str
    parameters: tuple[Field, ...]
    body: tuple[Field, ...]
    status: int
    answer: tuple[Field, ...]
    answers_list: bool
    refusals: tuple[Refusal, ...]

    @property
    def answer_title(self) -> str:
        """What the answer is called: its status, and whether it is a list of what follows."""
        return f"答 {self.status}，列表，每一项有" if self.answers_list else f"答 {self.status}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """The calls under one noun, such as ``trial-bookings``."""

    name: str
    calls: tuple[Call, ...]


def describe(schema: Schema, *, prefix: str) -> list[Group]:
    """The calls of an OpenAPI document under ``prefix``, by the noun after it and in the document's order."""
    calls = [
        _call(schema, path, method, path_item[method])
        for path, path_item in schema["paths"].items()
        for method in _METHODS
        if path.startswith(prefix) and method in path_item
    ]

    def noun(call: Call) -> str:
        return call.path.removeprefix(prefix).split("/")[0]

    return [Group(name=name, calls=tuple(group)) for name, group in groupby(calls, key=noun)]


def _call(schema: Schema, path: str, method: str, operation: Schema) -> Call:
    answers = operation["responses"]
    status = next(int(code) for code in answers if int(code) < _FIRST_ERROR)
    answer = _content(answers[str(status)])
    rows = answer.get("type") == "array"
    return Call(
        anchor=operation["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        words=operation.get("description", ""),
        parameters=tuple(_parameter(schema, each) for each in operation.get("parameters", ())),
        body=tuple(_fields(schema, _content(operation.get("requestBody", {})))),
        status=status,
        answer=tuple(_fields(schema, answer["items"] if rows else answer)),
        answers_list=rows,
        refusals=tuple(_refusals(answers)),
    )


def _content(part: Schema) -> Schema:
    """The schema of a JSON body; empty where there is none."""
    found: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _parameter(schema: Schema, parameter: Schema) -> Field:
    return Field(
        name=parameter["name"],
        kind=_kind(schema, parameter["schema"]),
        required=parameter.get("required", False),
        note=_for_people(parameter.get("description", "")),
    )


def _refusals(answers: Schema) -> Iterator[Refusal]:
    for answer in answers.values():
        problem = answer.get("content", {}).get("application/problem+json", {}).get("schema", {})
        for code in problem.get("properties", {}).get("code", {}).get("enum", ()):
            status, title, _detail = CATALOGUE[code]
            yield Refusal(status=status, code=code, title=str(title))


def _fields(schema: Schema, of: Schema, path: str = "", level: int = 1) -> Iterator[Field]:
    shape = _resolved(schema, of)
    required = shape.get("required", ())
    for name, each in shape.get("properties", {}).items():
        inner = _resolved(schema, each)
        rows = inner.get("type") == "array"
        own = f"{path}{name}{'[]' if rows else ''}"
        note = _for_people(each.get("description", "")) or _for_people(each.get("title", ""))
        yield Field(name=own, kind=_kind(schema, each), required=name in required, note=note)
        if level < _DEEPEST:
            yield from _fields(schema, inner["items"] if rows else inner, f"{own}.", level + 1)


def _for_people(words: str) -> str:
    """What is said in Chinese; English lines are the code's own, for who reads the code."""
    return words.strip().rstrip("。") if _HAN.search(words) else ""


def _resolved(schema: Schema, of: Schema) -> Schema:
    """A schema with its reference followed; of a choice with null, the other one."""
    if "$ref" in of:
        return _resolved(schema, schema["components"]["schemas"][of["$ref"].rpartition("/")[2]])
    for choice in ("oneOf", "anyOf", "allOf"):
        for each in of.get(choice, ()):
            if each != {"type": "null"}:
                return _resolved(schema, each)
    return of


def _kind(schema: Schema, of: Schema) -> str:
    shape = _resolved(schema, of)
    if "enum" in shape:
        return "、".join(str(each) for each in shape["enum"])
    types = shape.get("type", "object")
    types = list(types) if isinstance(types, list) else [types]
    if {"type": "null"} in of.get("oneOf", ()):
        types.append("null")
    words = [_FORMATS.get(shape.get("format", ""), "") if each == "string" else "" for each in types]
    return " 或 ".join(word or _KINDS.get(each, each) for word, each in zip(words, types, strict=True))
