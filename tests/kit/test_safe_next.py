"""After logging in one lands on this site, whatever the link said."""

import pytest
from django.test import RequestFactory

from kit.safe_next import safe_next


@pytest.mark.parametrize(
    "path", ["/", "/account/", "/trial/?city=hangzhou&channel=a%20b", "/cities/#a", "/课程/"]
)
def test_own_pages_are_kept(path: str) -> None:
    assert safe_next(RequestFactory().post("/account/login/", {"next": path})) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "account/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "/ /evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\x00",
        "/\x7f",
        "/\x85",
        "https:evil.example",
        "https://evil.example/",
        "http://testserver@evil.example/",
        "https://testserver/account/",
        "javascript:alert(1)",
        "data:text/html,x",
        "/" + "a" * 5000,
    ],
)
def test_everything_else_goes_home(path: str) -> None:
    assert safe_next(RequestFactory().post("/account/login/", {"next": path})) == "/"
    assert (
        safe_next(RequestFactory().get("/account/login/", {"next": path}), default="/account/") == "/account/"
    )


def test_nothing_asked_means_the_default() -> None:
    assert safe_next(RequestFactory().get("/account/login/"), default="/account/") == "/account/"
