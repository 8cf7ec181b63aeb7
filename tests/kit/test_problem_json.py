"""Every refusal of the API in one shape, with the codes and words callers rely on."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from kit.limiter import LimiterUnavailable, LimitReached
from kit.phone import normalise
from kit.problem_json import CATALOGUE, Problem, problem_response
from kit.waiting import in_words

# The contract with callers, word for word.
CONTRACT = {
    400: {"malformed"},
    401: {"login_required", "session_replaced"},
    403: {"csrf_failed", "forbidden", "check_failed"},
    404: {"not_found"},
    405: {"method_not_allowed"},
    409: {
        "session_full",
        "already_booked",
        "too_late",
        "agreements_required",
        "document_stale",
        "idempotency_conflict",
        "not_ready",
    },
    410: {"expired"},
    413: {"too_large"},
    415: {"unsupported_media_type"},
    422: {"invalid", "phone_invalid", "code_invalid", "code_exhausted", "login_failed"},
    429: {"rate_limited"},
    500: {"server_error"},
    503: {"busy", "sms_busy", "sms_unavailable"},
}


class Child(serializers.Serializer[Any]):
    nickname = serializers.CharField()


class Body(serializers.Serializer[Any]):
    city = serializers.CharField()
    child = Child()
    sessions = serializers.ListField(child=serializers.IntegerField())


class Raising(APIView):
    authentication_classes = ()
    raised: Exception = AssertionError()

    def get(self, request: Any) -> Response:
        raise self.raised


def answer(exception: Exception, method: str = "get") -> tuple[Any, dict[str, Any]]:
    view = Raising.as_view(raised=exception)
    response = view(getattr(RequestFactory(), method)("/api/v1/x/"))
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    assert body["type"] == "about:blank"
    assert body["code"] in CONTRACT[response.status_code]
    return response, body


def test_the_catalogue_is_the_contract() -> None:
    written: dict[int, set[str]] = {}
    for code, (status, _title, _detail) in CATALOGUE.items():
        written.setdefault(status, set()).add(code)
    assert written == CONTRACT


@pytest.mark.parametrize("code", CATALOGUE)
def test_the_words_are_ours(code: str) -> None:
    _status, title, detail = CATALOGUE[code]
    for text in (str(title), str(detail)):
        assert text
        assert not re.search(r"[!！]|亲|失败|错误|非法|无效", text), "no shouting, no blame"
        assert not re.search(r"[一-鿿][,.;:?()]", text), "full-width punctuation after Chinese"
    assert str(detail).endswith("。")
    assert not str(title).endswith("。")


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_can_be_raised(code: str) -> None:
    _response, body = answer(Problem(CATALOGUE[code][0], code))
    assert body["code"] == code
    assert set(body) == {"type", "status", "code", "title", "detail"}


@pytest.mark.parametrize(("status", "code"), [(409, "invalid"), (400, "no_such_code")])
def test_a_code_outside_the_catalogue_is_a_fault_of_ours(status: int, code: str) -> None:
    with pytest.raises(ValueError, match="no problem"):
        Problem(status, code)


@pytest.mark.parametrize(
    ("exception", "status", "code"),
    [
        (exceptions.ParseError("detail of the parser"), 400, "malformed"),
        (exceptions.NotAuthenticated(), 401, "login_required"),
        (exceptions.AuthenticationFailed(), 401, "login_required"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (PermissionDenied("why"), 403, "forbidden"),
        (exceptions.NotFound(), 404, "not_found"),
        (Http404("No TrialBooking matches the given query."), 404, "not_found"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=12.2), 429, "rate_limited"),
        (LimitReached(retry_after=61), 429, "rate_limited"),
        (LimiterUnavailable(), 503, "busy"),
    ],
)
def test_the_frameworks_exceptions_become_ours(exception: Exception, status: int, code: str) -> None:
    response, body = answer(exception)
    assert (response.status_code, body["code"]) == (status, code)
    assert "TrialBooking" not in response.content.decode()


def test_a_wrong_method_names_the_right_ones() -> None:
    response, body = answer(AssertionError(), method="put")
    assert (response.status_code, body["code"]) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_not_signed_in_names_a_scheme() -> None:
    response, _body = answer(exceptions.NotAuthenticated())
    assert response["WWW-Authenticate"] == "Session"


def test_a_limit_says_when_in_header_and_words() -> None:
    response, body = answer(LimitReached(retry_after=61))
    assert response["Retry-After"] == "61"
    assert "2 分钟后" in body["detail"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 秒后"),
        (60, "60 秒后"),
        (61, "2 分钟后"),
        (3600, "60 分钟后"),
        (3601, "约 2 小时后"),
        (86400, "约 24 小时后"),
    ],
)
def test_waiting_in_words(seconds: int, words: str) -> None:
    assert in_words(seconds) == words


def test_field_errors_keep_their_place() -> None:
    wrong = Body(data={"child": {}, "sessions": [1, "x"]})
    assert not wrong.is_valid()
    _response, body = answer(exceptions.ValidationError(wrong.errors))
    assert body["code"] == "invalid"
    assert set(body["errors"]) == {"city", "child.nickname", "sessions.1"}
    assert all(texts and all(isinstance(text, str) for text in texts) for texts in body["errors"].values())


def test_an_error_without_a_field_has_a_place_too() -> None:
    _response, body = answer(exceptions.ValidationError("两个日期对不上"))
    assert body["errors"] == {"non_field_errors": ["两个日期对不上"]}


def test_a_number_refused_deep_inside_is_still_a_phone_problem() -> None:
    try:
        normalise("1380013800")
    except ValueError as error:
        response, body = answer(error)
    assert (response.status_code, body["code"]) == (422, "phone_invalid")
    assert "phone" in body["errors"]
    assert "138001" not in response.content.decode()


def test_extra_members_stand_beside_the_standard_ones() -> None:
    alternatives = [{"id": "abc", "seats_left": 3}]
    response, body = answer(Problem(409, "session_full", alternatives=alternatives))
    assert response.status_code == 409
    assert body["alternatives"] == alternatives


def test_own_words_may_replace_the_usual_ones() -> None:
    response = problem_response(
        503,
        "sms_busy",
        title=gettext_lazy("请稍候"),
        detail="校区电话 0571-0000。",
        retry_after=30,
        errors={"phone": ["x"]},
    )
    body = json.loads(response.content)
    assert (body["title"], body["detail"], body["errors"]) == (
        "请稍候",
        "校区电话 0571-0000。",
        {"phone": ["x"]},
    )
    assert response["Retry-After"] == "30"
    assert "请稍候" in response.content.decode(), "read by people, so not escaped"


def test_what_is_not_known_travels_on() -> None:
    with pytest.raises(ZeroDivisionError):
        Raising.as_view(raised=ZeroDivisionError())(RequestFactory().get("/api/v1/x/"))
