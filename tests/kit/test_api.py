"""No unsafe call without its token, and no body that means two things."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.api import SessionWithCsrf


class Echo(APIView):
    def get(self, request: Request) -> Response:
        get_token(request._request)
        return Response({"anonymous": request.user.is_anonymous})

    def post(self, request: Request) -> Response:
        return Response({"data": request.data})

    patch = put = delete = post


class Text(BaseRenderer):
    media_type, format = "text/csv", "csv"

    def render(self, data: Any, *args: Any) -> bytes:
        return b"a,b"


class JSONOrText(Echo):
    renderer_classes = (JSONRenderer, Text)


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


urlpatterns = [
    path("api/echo/", Echo.as_view()),
    path("api/choice/", JSONOrText.as_view()),
    path("page/", page),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def token(client: Client) -> str:
    client.get("/page/")
    return next(morsel.value for name, morsel in client.cookies.items() if "csrf" in name)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_anonymous_call_needs_its_token(strict: Client, method: str) -> None:
    call = getattr(strict, method)
    response = call("/api/echo/", "{}", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")
    right = {"HTTP_X_CSRFTOKEN": token(strict)}
    assert call("/api/echo/", "{}", content_type="application/json", **right).status_code == 200
    wrong = {"HTTP_X_CSRFTOKEN": "a" * 32}
    assert call("/api/echo/", "{}", content_type="application/json", **wrong).status_code == 403


def test_a_token_without_its_cookie_is_nothing(strict: Client) -> None:
    value = token(strict)
    strict.cookies.clear()
    response = strict.post("/api/echo/", "{}", content_type="application/json", HTTP_X_CSRFTOKEN=value)
    assert response.json()["code"] == "csrf_failed"


def test_another_origin_is_refused_even_with_the_token(strict: Client) -> None:
    response = strict.post(
        "/api/echo/",
        "{}",
        content_type="application/json",
        HTTP_X_CSRFTOKEN=token(strict),
        HTTP_ORIGIN="https://evil.example",
    )
    assert response.json()["code"] == "csrf_failed"


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_a_form_from_elsewhere_cannot_reach_a_call(strict: Client, kind: str) -> None:
    response = strict.post("/api/echo/", "csrfmiddlewaretoken=x", content_type=kind)
    assert (response.status_code, response.json()["code"]) == (403, "csrf_failed")


def test_a_missing_token_is_told_before_a_broken_body(strict: Client) -> None:
    response = strict.post("/api/echo/", "{", content_type="application/json")
    assert response.json()["code"] == "csrf_failed"


def test_reading_needs_no_token(strict: Client) -> None:
    assert strict.get("/api/echo/").json() == {"anonymous": True}
    assert strict.options("/api/echo/").status_code == 200


class Person:
    is_authenticated = True

    def __init__(self, *, is_active: bool) -> None:
        self.is_active = is_active


def test_who_asks_is_the_sessions_user_suspended_or_not() -> None:
    for person, seen in (
        (Person(is_active=True), True),
        (Person(is_active=False), True),
        (AnonymousUser(), False),
    ):
        request = RequestFactory().get("/api/echo/")
        request.user = person  # type: ignore[assignment]  # any object that says who it is
        assert bool(SessionWithCsrf().authenticate(Request(request))) is seen


def posted(client: Client, body: str | bytes, kind: str = "application/json") -> Any:
    return client.post("/api/echo/", body, content_type=kind)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "nope",
        "[]",
        '"text"',
        "1",
        "null",
        "{} {}",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1e999}',
        '{"a": ' + "9" * 400 + "}",
        '{"a": ' + "9" * 60000 + "}",
        '{"a": 9223372036854775808}',
        '{"a": 1, "a": 2}',
        '{"x": {"a": 1, "a": 1}}',
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": ["\\ud800"]}',
        '{"a": {"b": [["\\udfff"]]}}',
        '{"a": "\x01"}',
        '{"a": "\n"}',
        "{'a': 1}",
        '{"a": 1,}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        "\ufeff{}".encode("utf-16"),
        "[" * 5000 + "]" * 5000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        '{"a": ' + "[" * 30000 + "}",
    ],
)
def test_a_body_that_is_not_one_plain_object(client: Client, body: str | bytes) -> None:
    response = posted(client, body)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("", {}),
        ("  \n", {}),
        ("{}", {}),
        ('{"a": "孩子"}', {"a": "孩子"}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
        (
            '{"a": [1, -2, 3.5, true, null, {"b": []}]}',
            {"a": [1, -2, 3.5, True, None, {"b": []}]},
        ),
        ('{"a": 9223372036854775807}', {"a": 9223372036854775807}),
    ],
)
def test_plain_bodies_arrive_whole(client: Client, body: str, data: dict[str, Any]) -> None:
    assert posted(client, body).json() == {"data": data}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_body_is_a_fault_of_ours(body: bytes) -> None:
    response = posted(Client(), body)
    assert response.status_code in {200, 400}


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
        ),
        max_leaves=8,
    )
)
def test_whatever_json_can_say_comes_through_or_is_refused(value: Any) -> None:
    text = json.dumps({"value": value}, ensure_ascii=False)
    response = posted(Client(), text.encode())
    if "\\u0000" in text:
        assert response.status_code == 400
    else:
        assert response.json() == {"data": {"value": value}}


def test_other_kinds_of_body_are_refused(client: Client) -> None:
    for kind in (
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
    ):
        response = posted(client, "a=b", kind)
        assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


def test_a_body_over_the_limit_is_refused(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = []
    response = posted(client, json.dumps({"a": "b" * settings.BODY_LIMIT}))
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/xml;q=0.9", "*/*", "nonsense"])
def test_json_is_answered_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.get("/api/choice/", HTTP_ACCEPT=accept)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"


def test_another_form_is_given_when_asked_for(client: Client) -> None:
    assert client.get("/api/choice/", HTTP_ACCEPT="text/csv")["Content-Type"].startswith("text/csv")
