"""Every refusal has a page and a problem, and none of them needs the store that may be the reason."""

import contextlib
import copy
import io
import json
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from accounts.models import Session
from kit.limiter import LimiterUnavailable, LimitReached
from leap.urls import urlpatterns as ours


def from_the_driver(error: DatabaseError) -> DatabaseError:
    """As Django raises it in place of the driver's own."""
    error.__cause__ = psycopg2.DatabaseError("error with no message")
    return error


RAISED: dict[str, Exception] = {
    "zero": ZeroDivisionError("13800138000"),
    "integrity": IntegrityError("13800138000"),
    "operational": OperationalError("server closed the connection"),
    "interface": InterfaceError("connection already closed"),
    "bare": from_the_driver(DatabaseError("error with no message")),
    "limit": LimitReached(retry_after=90),
    "limiter": LimiterUnavailable(),
    "denied": PermissionDenied("13800138000"),
    "missing": Http404("TrialBooking 13800138000"),
    "bad": BadRequest("13800138000"),
    "suspicious": SuspiciousOperation("13800138000"),
}


def raising(request: HttpRequest, name: str) -> HttpResponse:
    raise RAISED[name]


def member(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.is_authenticated))


def remember(request: HttpRequest) -> HttpResponse:
    request.session["step"] = 2
    return HttpResponse("ok")


def ended_elsewhere(request: HttpRequest) -> HttpResponse:
    request.session["step"] = 3
    Session.objects.filter(session_key=request.session.session_key).delete()
    return HttpResponse("ok")


def lost_meanwhile(request: HttpRequest) -> HttpResponse:
    """The session is read, and its database is gone by the time it is written."""
    request.session["step"] = 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [[ours]] = cursor.fetchall()
    other = connection.copy()
    with contextlib.closing(other), other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
    return HttpResponse("ok")


def asking(request: HttpRequest) -> dict[str, object]:
    """A page frame that asks a store which is not there."""
    raise OperationalError("connection refused")


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.POST)))


urlpatterns = [
    path(f"{prefix}{name}", view)
    for prefix in ("", "api/v1/test/", "staff/")
    for name, view in (
        ("raising/<name>/", raising),
        ("member/", member),
        ("remember/", remember),
        ("ended/", ended_elsewhere),
        ("lost/", lost_meanwhile),
        ("form/", form),
    )
] + ours
handler400, handler403 = "leap.errors.bad_request", "leap.errors.forbidden"
handler404, handler500 = "leap.errors.not_found", "leap.errors.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database() -> Iterator[None]:
    """The default database cannot be reached: its folder of sockets is gone."""
    connection.close()
    kept = dict(connection.settings_dict)
    connection.settings_dict.update(HOST="/nonexistent", PORT="1")
    yield
    connection.close()
    connection.settings_dict.update(kept)


def assert_page(response: Any, status: int) -> str:
    text = str(response.content.decode())
    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")
    assert "<h1>" in text
    assert '<html lang="zh-Hans">' in text
    assert "13800138000" not in text
    return text


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(response.content)
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert "13800138000" not in response.content.decode()
    return body


REFUSALS = [
    ("zero", 500, "server_error"),
    ("integrity", 500, "server_error"),
    ("operational", 503, "busy"),
    ("interface", 503, "busy"),
    ("bare", 503, "busy"),
    ("limit", 429, "rate_limited"),
    ("limiter", 503, "busy"),
    ("denied", 403, "forbidden"),
    ("missing", 404, "not_found"),
    ("bad", 400, "malformed"),
    ("suspicious", 400, "malformed"),
]


@pytest.mark.parametrize(("name", "status", "code"), REFUSALS)
def test_each_refusal_has_a_page_and_a_problem(visitor: Client, name: str, status: int, code: str) -> None:
    assert_page(visitor.get(f"/raising/{name}/"), status)
    assert_problem(visitor.get(f"/api/v1/test/raising/{name}/"), status, code)


@pytest.mark.parametrize(("name", "status", "code"), REFUSALS)
def test_a_signed_in_visitors_refusal_asks_no_store(
    visitor: Client, name: str, status: int, code: str
) -> None:
    # No database mark on this test: any query would fail it.
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert_page(visitor.get(f"/raising/{name}/"), status)
    assert_problem(visitor.get(f"/api/v1/test/raising/{name}/"), status, code)


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address(visitor: Client, method: str) -> None:
    assert_page(getattr(visitor, method)("/no/such/page/"), 404)
    assert_problem(getattr(visitor, method)("/api/v1/no/such/call/"), 404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/t/none/", "/trial/none/", "/trial/none/cancel/", "/t/none/cut/short"])
def test_a_booking_that_cannot_be_shown_leads_to_the_login(visitor: Client, address: str) -> None:
    page = assert_page(visitor.get(address), 404)
    assert "要登录才能看这次预约" in page
    assert 'href="/account/login/"' in page


def test_when_to_come_back_is_said(visitor: Client) -> None:
    page = visitor.get("/raising/limit/")
    assert page["Retry-After"] == "90"
    assert "2 分钟后" in page.content.decode()
    assert visitor.get("/api/v1/test/raising/limit/")["Retry-After"] == "90"
    assert int(visitor.get("/raising/operational/")["Retry-After"]) > 0


def test_a_foreign_host_is_refused_without_being_repeated(visitor: Client) -> None:
    for host in ("evil.example", "a b", "127.0.0.1:80:80", "evil.example:443", "[::1"):
        text = assert_page(visitor.get("/", HTTP_HOST=host), 400)
        assert "evil" not in text
    assert_problem(visitor.get("/api/v1/me/", HTTP_HOST="evil.example"), 400, "malformed")


def test_too_much_at_once(visitor: Client) -> None:
    large = "a=" + "1" * settings.BODY_LIMIT
    many = "&".join(f"a{index}=1" for index in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    kind = "application/x-www-form-urlencoded"
    assert_page(visitor.post("/form/", large, content_type=kind), 413)
    assert_page(visitor.post("/form/", many, content_type=kind), 400)
    assert_problem(visitor.post("/api/v1/test/form/", large, content_type=kind), 413, "too_large")
    assert_problem(visitor.post("/api/v1/test/form/", many, content_type=kind), 400, "malformed")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'),
        ("multipart/form-data; boundary=" + "x" * 300, b"x"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=1"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=1"),
        ("application/x-www-form-urlencoded", b"a=%ff&b=%00&%ff=1"),
    ],
)
def test_a_garbled_form_is_no_fault_of_ours(visitor: Client, kind: str, body: bytes) -> None:
    sent = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
    assert visitor.post("/form/", **sent).status_code in {200, 400}


def test_a_form_without_its_cookie_explains_cookies() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert "没有收到 Cookie" in assert_page(strict.post("/form/", {"phone": "13800138000"}), 403)
    assert_problem(strict.post("/api/v1/test/form/"), 403, "csrf_failed")


def test_an_old_form_with_its_cookie_blames_no_cookies() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.get("/legal/cookies/")
    page = assert_page(strict.post("/form/", {"csrfmiddlewaretoken": "a" * 64}), 403)
    assert "放久了" in page
    assert "没有收到 Cookie" not in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_database")
class TestWithoutDatabase:
    def test_pages_that_need_it_say_so(self, visitor: Client) -> None:
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
        assert_page(visitor.get("/member/"), 503)
        assert_problem(visitor.get("/api/v1/test/member/"), 503, "busy")

    def test_a_session_that_cannot_be_kept_is_busy_not_broken(self, visitor: Client) -> None:
        assert_page(visitor.get("/remember/"), 503)
        assert_problem(visitor.get("/api/v1/test/remember/"), 503, "busy")

    @pytest.mark.parametrize(("name", "status", "code"), REFUSALS)
    def test_every_other_page_still_comes(self, visitor: Client, name: str, status: int, code: str) -> None:
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
        assert_page(visitor.get(f"/raising/{name}/"), status)
        assert_problem(visitor.get(f"/api/v1/test/raising/{name}/"), status, code)


def test_a_page_frame_that_needs_a_lost_store_is_done_without(visitor: Client, settings: Settings) -> None:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].append(f"{__name__}.asking")
    settings.TEMPLATES = templates
    for address, status in (("/no/such/", 404), ("/raising/denied/", 403), ("/raising/limit/", 429)):
        assert_page(visitor.get(address), status)


@pytest.mark.django_db
def test_a_session_ended_elsewhere_is_told_in_plain_words(visitor: Client) -> None:
    visitor.get("/remember/")
    assert "重新打开" in assert_page(visitor.get("/ended/"), 400)
    visitor.cookies.clear()
    visitor.get("/remember/")
    assert "重新打开" in assert_problem(visitor.get("/api/v1/test/ended/"), 401, "login_required")["detail"]


@pytest.mark.django_db(transaction=True)
def test_a_session_that_could_not_be_written_is_no_session_ended_elsewhere(visitor: Client) -> None:
    visitor.get("/remember/")
    assert_page(visitor.get("/lost/"), 503)
    connection.close()  # as between two requests
    assert_problem(visitor.get("/api/v1/test/lost/"), 503, "busy")
    connection.close()


@pytest.mark.django_db
def test_a_nul_in_the_session_cookie_is_no_session(visitor: Client) -> None:
    response = visitor.get("/member/", HTTP_COOKIE=f'{settings.SESSION_COOKIE_NAME}="abcdefghij\\000"')
    assert (response.status_code, response.content) == (200, b"False")


@pytest.mark.parametrize(("name", "status"), [("denied", 403), ("missing", 404)])
def test_staff_are_led_back_to_their_own_pages(visitor: Client, name: str, status: int) -> None:
    page = assert_page(visitor.get(f"/staff/raising/{name}/"), status)
    assert 'href="/staff/"' in page
    assert "预约" not in page
    assert "/account/" not in page


def test_an_old_form_of_the_staffs_leads_back_too() -> None:
    page = assert_page(Client(enforce_csrf_checks=True).post("/staff/form/", {"a": "1"}), 403)
    assert 'href="/staff/"' in page
    assert "/trial/" not in page
