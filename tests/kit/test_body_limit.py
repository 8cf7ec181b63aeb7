"""Bodies are bounded before anything reads them, and the sender hears about it."""

import io
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from kit.body_limit import BodyLimit

LIMIT = 64 * 1024
FORM = "application/x-www-form-urlencoded"


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(request.body)} {sorted(request.POST)}")


def sent(body: bytes = b"", **meta: Any) -> str:
    request = RequestFactory().post("/", body, content_type=FORM, **{"CONTENT_TYPE": FORM, **meta})
    return BodyLimit(view)(request).content.decode()


def test_up_to_the_limit_passes() -> None:
    assert settings.BODY_LIMIT == LIMIT
    assert sent(b"a=" + b"1" * (LIMIT - 2)) == f"{LIMIT} ['a']"
    assert sent() == "0 []"


def test_over_the_limit_is_refused_and_read_off() -> None:
    stream = io.BytesIO(b"x" * (LIMIT + 1))
    with pytest.raises(RequestDataTooBig):
        sent(CONTENT_LENGTH=str(LIMIT + 1), **{"wsgi.input": stream})
    assert stream.read() == b""


def test_an_endless_body_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(RequestDataTooBig):
        sent(CONTENT_LENGTH=str(10**15), **{"wsgi.input": stream})
    assert stream.given <= 17 * 1024 * 1024
    with pytest.raises(RequestDataTooBig):
        sent(CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": stream})
    assert stream.given <= 34 * 1024 * 1024


@pytest.mark.parametrize("length", ["-1", "+5", "1_000", "5.0", "abc", "0x10", " 5", "\uff15", "1,1"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(BadRequest):
        sent(b"a=1", CONTENT_LENGTH=length)


def test_a_body_in_chunks_arrives_whole() -> None:
    stream = io.BytesIO(b"a=1&b=2")
    assert (
        sent(CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked", **{"wsgi.input": stream}) == "7 ['a', 'b']"
    )


def test_nul_in_the_address_goes_nowhere() -> None:
    with pytest.raises(Http404):
        BodyLimit(view)(RequestFactory().get("/trial/a%00b/"))
    with pytest.raises(BadRequest):
        BodyLimit(view)(RequestFactory().get("/cities/?q=%00"))
