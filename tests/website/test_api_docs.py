"""The API described: every call with what it takes, answers and refuses, as OpenAPI and as a page."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from kit.api_description import Call, describe
from kit.api_schema import refuses
from kit.problem_json import CATALOGUE
from website.api_docs import openapi

PREFIX = "/api/v1/"
METHODS = ("get", "post", "patch", "delete")
OPERATIONS = [
    (path, method, openapi()["paths"][path][method])
    for path in openapi()["paths"]
    for method in METHODS
    if method in openapi()["paths"][path]
]
NAMES = [f"{method} {path}" for path, method, _ in OPERATIONS]
BY_NAME = {name: operation for name, (_, _, operation) in zip(NAMES, OPERATIONS, strict=True)}


def calls() -> list[Call]:
    return [call for group in describe(openapi(), prefix=PREFIX) for call in group.calls]


def codes(operation: dict[str, Any]) -> set[str]:
    """The refusals an operation documents."""
    problems = [
        answer["content"]["application/problem+json"]["schema"]
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    ]
    return {code for problem in problems for code in problem["properties"]["code"]["enum"]}


def test_it_is_openapi_3_1_and_lists_every_address_of_the_api(client: Client) -> None:
    document = client.get("/api/schema/").json()
    assert document["openapi"] == "3.1.0"
    routes = {
        re.sub(r"<\w+:(\w+)>", r"{\1}", key)
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == PREFIX.lstrip("/")
        for key in [str(each.pattern) for each in pattern.url_patterns]
    }
    assert routes
    assert {path.removeprefix(PREFIX) for path in document["paths"]} == routes


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=NAMES)
def test_a_call_says_in_chinese_what_it_does_and_how_it_may_refuse(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert re.search(r"[\u4e00-\u9fff]", operation["description"])
    documented = codes(operation)
    assert "busy" in documented
    assert ("csrf_failed" in documented) == (method != "get")
    assert ("{" not in path) or ("not_found" in documented)
    assert ("requestBody" in operation) == (
        {"malformed", "too_large", "unsupported_media_type"} <= documented
    )
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            enum = answer["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"]
            assert {CATALOGUE[code][0] for code in enum} == {int(status)}


@pytest.mark.parametrize(
    ("name", "own"),
    [
        (
            "post /api/v1/trial-bookings/",
            {"session_full", "already_booked", "agreements_required", "document_stale"},
        ),
        ("post /api/v1/trial-bookings/{public_id}/cancel/", {"too_late"}),
        ("post /api/v1/verification-codes/", {"phone_invalid", "rate_limited", "sms_unavailable"}),
        ("post /api/v1/login/", {"code_invalid", "code_exhausted", "agreements_required"}),
        ("get /api/v1/trial-bookings/", {"login_required"}),
        ("get /api/v1/class-sessions/", {"invalid"}),
    ],
)
def test_a_calls_own_refusals_are_documented(name: str, own: set[str]) -> None:
    assert own <= codes(BY_NAME[name])


def test_a_refusal_that_does_not_exist_cannot_be_documented() -> None:
    with pytest.raises(ValueError, match="no_such_code"):
        refuses("busy", "no_such_code")


# Answers of the running product are those that are documented


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("method", "address", "name"),
    [
        ("post", "/api/v1/trial-bookings/none/cancel/", "post /api/v1/trial-bookings/{public_id}/cancel/"),
        ("get", "/api/v1/trial-bookings/none/", "get /api/v1/trial-bookings/{public_id}/"),
        ("get", "/api/v1/trial-bookings/", "get /api/v1/trial-bookings/"),
        ("get", "/api/v1/class-sessions/?from=never", "get /api/v1/class-sessions/"),
        ("get", "/api/v1/class-sessions/?cursor=none", "get /api/v1/class-sessions/"),
        ("get", "/api/v1/cities/none/campuses/", "get /api/v1/cities/{slug}/campuses/"),
        ("post", "/api/v1/verification-codes/", "post /api/v1/verification-codes/"),
        ("post", "/api/v1/login/", "post /api/v1/login/"),
        ("post", "/api/v1/trial-bookings/", "post /api/v1/trial-bookings/"),
        ("get", "/api/v1/children/", "get /api/v1/children/"),
        ("post", "/api/v1/children/", "post /api/v1/children/"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"{", b'{"a": 1, "a": 2}', b"x" * 70_000])
@pytest.mark.parametrize("proved", [True, False])
def test_whatever_is_refused_was_documented(
    method: str, address: str, name: str, body: bytes, proved: bool
) -> None:
    client = Client(enforce_csrf_checks=not proved)
    extra: dict[str, Any] = {"content_type": "application/json"} if method == "post" else {}
    answer = getattr(client, method)(address, *([body] if method == "post" else []), **extra)
    assert answer.status_code >= 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] in codes(BY_NAME[name]) | {"too_large"}


# The page


def test_the_page_holds_every_call_with_every_field_and_refusal(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert len(calls()) == len(OPERATIONS)
    for call in calls():
        assert page.count(f"{call.method} {call.path}</code>") >= 1
        for field in (*call.parameters, *call.body, *call.answer):
            assert f"<code>{field.name}</code>" in page
        for refusal in call.refusals:
            assert f"<code>{refusal.code}</code> {refusal.title}" in page


def test_the_page_brings_everything_itself(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert page.count("<h1") == 1
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    assert re.findall(r"<script(?![^>]*\ssrc=\"/static/)", page) == []
    assert not re.search(r"<(?:link|script|img)[^>]*(?:href|src)=\"https?:", page)
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r' id="([^"]+)"', page))


def test_bodies_are_written_out_level_by_level() -> None:
    [booking] = [call for call in calls() if call.method == "POST" and call.path == "/api/v1/trial-bookings/"]
    names = {field.name: field for field in booking.body}
    assert names["city"].required
    assert {"agreements[]", "agreements[].document", "child.nickname", "session"} <= set(names)
    assert "terms" in names["agreements[].document"].kind
    [cities] = [call for call in calls() if call.path == "/api/v1/cities/"]
    assert cities.answers_list
    assert [field.name for field in cities.answer] == ["slug", "name", "pinyin", "initial"]


@pytest.mark.parametrize("address", ["/api/docs/", "/api/schema/"])
def test_both_are_kept_and_for_everybody(client: Client, address: str) -> None:
    assert client.get(address)["Cache-Control"].startswith("private, max-age=")
    assert client.post(address).status_code == 405
