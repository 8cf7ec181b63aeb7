"""Headers that would mislead the framework, or break it before anything can catch that, are gone."""

import io
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIRequest
from pytest_django import Settings

from kit.wsgi_door import at_the_door, plain_content_type

CODECS = ["hex", "base64", "zlib", "rot13", "bz2", "uu", "undefined", "idna", "punycode", "utf-7", "utf-16", "cp037",
          "\u00e4", "a" * 500, "", "unicode_escape", "raw_unicode_escape", "quopri", "no-such"]  # fmt: skip


def seen(**environ: Any) -> WSGIRequest:
    """The request as the framework reads it behind the door."""
    requests: list[WSGIRequest] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        requests.append(WSGIRequest(environ))
        return []

    told: dict[str, Any] = {}
    setup_testing_defaults(told)
    list(at_the_door(application)(told | environ, lambda *_: lambda _: None))
    return requests[0]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize(
    "written", ["text/plain; charset={}", 'text/plain;CHARSET="{}"', "text/plain; charset*={}''%ff"]
)
def test_nobody_chooses_the_codec(codec: str, written: str) -> None:
    request = seen(CONTENT_TYPE=written.format(codec), QUERY_STRING="q=%E4&r=%E5%A5%BD")
    assert request.GET["r"] == "好"
    assert request.content_type == "text/plain"


@pytest.mark.parametrize(
    "odd", ["charset*=a''%ff", "x*=hex''%ff", "x*0*=hex''%ff; x*1*=%ff", "=", ";;", "x*=''"]
)
def test_other_parameters_reach_nobody(odd: str) -> None:
    assert seen(CONTENT_TYPE=f"text/plain; {odd}", QUERY_STRING="q=%E4").content_params == {}


def form(codec: str, body: bytes = b"") -> WSGIRequest:
    body = b'--b 1\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + body + b"\r\n--b 1--\r\n"
    return seen(
        REQUEST_METHOD="POST",
        CONTENT_TYPE=f'Multipart/Form-Data; charset={codec}; boundary="b 1"',
        CONTENT_LENGTH=str(len(body)),
        **{"wsgi.input": io.BytesIO(body)},
    )


@pytest.mark.parametrize("codec", CODECS)
def test_forms_of_several_parts_keep_their_boundary_alone(codec: str) -> None:
    assert form(codec, "好+2AA-".encode()).POST["a"] == "好+2AA-"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        (" Application/JSON ;x=y", "application/json"),
        ("multipart/form-data; boundary=abc", 'multipart/form-data; boundary="abc"'),
        ("multipart/form-data; boundary=" + "a" * 71, "multipart/form-data"),
        ('multipart/form-data; boundary="a\u00e4"', "multipart/form-data"),
        ("multipart/form-data", "multipart/form-data"),
        ("text/plain; boundary=abc", "text/plain"),
        ("", ""),
        ("json", ""),
        ("text/plain\u00e4", ""),
        ("text/plain, application/json", ""),
        ("a" * 9000 + "/b", ""),
    ],
)
def test_what_is_kept(said: str, kept: str) -> None:
    assert plain_content_type(said) == kept


def test_only_the_proxy_says_that_it_was_https(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "unix"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    told = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert seen(REMOTE_ADDR="10.1.2.3", **told).is_secure()
    assert seen(REMOTE_ADDR="", **told).is_secure()
    assert not seen(REMOTE_ADDR="203.0.113.9", **told).is_secure()
    settings.TRUSTED_PROXIES = []
    assert not seen(REMOTE_ADDR="10.1.2.3", **told).is_secure()
