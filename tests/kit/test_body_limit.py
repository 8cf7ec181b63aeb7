"""Bodies are bounded before anything reads them, and the sender hears about it."""

import io
import socket
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from kit import body_limit
from kit.body_limit import BodyLimit

LIMIT = 64 * 1024
FORM = "application/x-www-form-urlencoded"
CHUNKED = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(request.body)} {sorted(request.POST)}")


def sent(body: bytes = b"", **meta: Any) -> str:
    request = RequestFactory().post("/", body, content_type=FORM, **{"CONTENT_TYPE": FORM, **meta})
    response = BodyLimit(view)(request)
    assert isinstance(response, HttpResponse)
    return response.content.decode()


class Endless(io.RawIOBase):
    """A sender that never stops."""

    given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b"x" * size


def test_up_to_the_limit_passes() -> None:
    assert settings.BODY_LIMIT == LIMIT
    assert sent(b"a=" + b"1" * (LIMIT - 2)) == f"{LIMIT} ['a']"
    assert sent() == "0 []"


def test_over_the_limit_is_refused_and_read_off() -> None:
    stream = io.BytesIO(b"x" * (LIMIT + 1))
    with pytest.raises(RequestDataTooBig):
        sent(**{"CONTENT_LENGTH": str(LIMIT + 1), "wsgi.input": stream})
    assert stream.read() == b""


@pytest.mark.parametrize("length", [{"CONTENT_LENGTH": str(10**15)}, CHUNKED])
def test_an_endless_body_is_not_read_to_its_end(length: dict[str, str]) -> None:
    stream = Endless()
    with pytest.raises(RequestDataTooBig):
        sent(**length, **{"wsgi.input": stream})
    assert stream.given <= 17 * 1024 * 1024


@pytest.mark.parametrize("length", ["-1", "+5", "1_000", "5.0", "abc", "0x10", " 5", "\uff15", "1,1"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    with pytest.raises(BadRequest):
        sent(b"a=1", CONTENT_LENGTH=length)


def test_a_body_in_chunks_arrives_whole() -> None:
    assert sent(**CHUNKED, **{"wsgi.input": io.BytesIO(b"a=1&b=2")}) == "7 ['a', 'b']"


def test_a_body_cut_short_is_refused() -> None:
    with pytest.raises(BadRequest):
        sent(**{"CONTENT_LENGTH": "10", "wsgi.input": io.BytesIO(b"a=1")})


def test_a_sender_who_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "_SILENCE_AT_MOST", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"a=1")
        meta = {"CONTENT_LENGTH": "10", "wsgi.input": ours.makefile("rb"), "gunicorn.socket": ours}
        with pytest.raises(BadRequest):
            sent(**meta)
        assert ours.gettimeout() is None


def test_a_form_of_several_parts_is_still_read() -> None:
    request = RequestFactory().post("/", {"a": "1", "b": "2"})
    response = BodyLimit(lambda request: HttpResponse(str(sorted(request.POST))))(request)
    assert isinstance(response, HttpResponse)
    assert response.content == b"['a', 'b']"


def test_nul_in_the_address_goes_nowhere() -> None:
    with pytest.raises(Http404):
        BodyLimit(view)(RequestFactory().get("/trial/a%00b/"))
    with pytest.raises(BadRequest):
        BodyLimit(view)(RequestFactory().get("/cities/?q=%00"))
