"""The same guards on everything we send, and nobody's page in anybody else's cache."""

import re

import pytest
from django.conf import settings as configured
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import path
from pytest_django import Settings

from leap.urls import urlpatterns as ours

GUARDS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>ok</p>")


def cached(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("ok", content_type="text/plain")
    response["Cache-Control"] = "public, max-age=10"
    if "cookie" in request.GET:
        get_token(request)
    return response


def weak(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        "ok", headers={"Content-Security-Policy": "default-src *", "X-Frame-Options": "ALLOWALL"}
    )


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def unregistered(request: HttpRequest) -> HttpResponse:
    response = HttpResponse("ok")
    response.set_cookie("tracking", "1")
    return response


urlpatterns = [
    path("public/", public),
    path("page/", page),
    path("cached/", cached),
    path("weak/", weak),
    path("form/", form),
    path("broken/", broken),
    path("unregistered/", unregistered),
    path("away/", lambda request: HttpResponseRedirect("/public/")),
    path("account/thing/", public),
    path("trial/abc/", public),
    path("t/token/", public),
    path("dev/sms.json", public),
    path("api/v1/thing/", public),
    *ours,
]
handler400, handler403 = "leap.errors.bad_request", "leap.errors.forbidden"
handler404, handler500 = "leap.errors.not_found", "leap.errors.server_error"
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/public/", 200),
        ("/healthz", 200),
        ("/away/", 302),
        ("/no/such/page/", 404),
        ("/api/v1/no/such/call/", 404),
        ("/broken/", 500),
        ("/api/v1/%00", 404),
        ("/public/?q=%00", 400),
        ("/unregistered/", 500),
        ("/weak/", 200),
    ],
)
def test_every_response_is_guarded(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)
    assert response.status_code == status
    assert {name: response[name] for name in GUARDS} == GUARDS
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.django_db(databases="__all__")  # closing a file's response looks after connections left open
def test_static_files_are_guarded_and_kept_for_long(visitor: Client) -> None:
    response = visitor.get(staticfiles_storage.url("css/base.css"))
    assert response.status_code == 200
    assert {name: response[name] for name in GUARDS} == GUARDS
    assert "immutable" in response["Cache-Control"]
    response.close()


def test_refusals_before_any_view_are_guarded(visitor: Client) -> None:
    foreign = visitor.get("/public/", HTTP_HOST="evil.example")
    large = visitor.post("/form/", "x" * (configured.BODY_LIMIT + 1), content_type="text/plain")
    forged = Client(enforce_csrf_checks=True).post("/form/")
    assert [foreign.status_code, large.status_code, forged.status_code] == [400, 413, 403]
    for response in (foreign, large, forged):
        assert {name: response[name] for name in GUARDS} == GUARDS
        assert response["Cache-Control"] == "no-store"


def test_https_is_demanded_for_long_once_it_is_there(visitor: Client, settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    assert visitor.get("/public/", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Strict-Transport-Security" not in visitor.get("/public/")
    settings.SECURE_HSTS_SECONDS = 0
    assert "Strict-Transport-Security" not in visitor.get("/public/", secure=True)


@pytest.mark.parametrize(
    "address",
    ["/form/", "/account/thing/", "/trial/abc/", "/t/token/", "/dev/sms.json", "/api/v1/thing/", "/no/such/"],
)
def test_what_is_about_one_person_stays_out_of_caches(visitor: Client, address: str) -> None:
    assert visitor.get(address)["Cache-Control"] == "no-store"


def test_public_pages_may_be_kept_until_somebody_signs_in(visitor: Client) -> None:
    assert "Cache-Control" not in visitor.get("/public/")
    assert visitor.get("/cached/")["Cache-Control"] == "public, max-age=10"
    visitor.cookies[configured.SESSION_COOKIE_NAME] = "a" * 32
    assert visitor.get("/public/")["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("address", "status"), [("/page/", 200), ("/no/such/page/", 404), ("/broken/", 500)])
def test_every_page_brings_the_cookie_that_posting_needs(visitor: Client, address: str, status: int) -> None:
    response = visitor.get(address)
    assert (response.status_code, set(response.cookies)) == (status, {configured.CSRF_COOKIE_NAME})
    assert response["Cache-Control"] == "no-store"

    assert not visitor.get(address).cookies  # this browser has it now


@pytest.mark.parametrize("address", ["/public/", "/healthz", "/api/v1/no/such/call/"])
def test_what_is_no_page_brings_no_cookie(visitor: Client, address: str) -> None:
    assert not visitor.get(address).cookies


def test_a_cookie_never_enters_a_shared_cache(visitor: Client) -> None:
    response = visitor.get("/cached/?cookie=1")
    assert response.cookies
    assert response["Cache-Control"] == "no-store"


def test_the_admins_own_styles_need_no_exception() -> None:
    sheets = [name for name in staticfiles_storage.hashed_files if re.fullmatch(r"admin/css/.*\.css", name)]
    assert sheets
    for name in sheets:
        with staticfiles_storage.open(name) as sheet:
            assert not re.search(rb"url\(\s*[\"']?(?:data:|https?:|//)", sheet.read()), name
