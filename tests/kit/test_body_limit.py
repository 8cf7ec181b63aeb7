"""Bodies are bounded before anything reads them, and the sender hears about it."""

import contextlib
import io
import socket
import threading
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from gunicorn.config import Config
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader

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


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole body has a fifth of a second."""
    monkeypatch.setattr(body_limit, "_ARRIVED_WITHIN", 0.2)


def test_a_sender_who_falls_silent_is_given_up(hasty: None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"a=1")
        meta = {"CONTENT_LENGTH": "10", "wsgi.input": ours.makefile("rb"), "gunicorn.socket": ours}
        with pytest.raises(BadRequest):
            sent(**meta)
        ours.sendall(b"so we told you")
        assert theirs.recv(100) == b"so we told you"


def as_the_server_hands_it(connection: socket.socket, length: int | None) -> dict[str, Any]:
    """What gunicorn gives us to read from: its own readers over the connection."""
    unreader = SocketUnreader(connection)
    if length is not None:
        body = Body(LengthReader(unreader, length))
        return {"CONTENT_LENGTH": str(length), "wsgi.input": body, "gunicorn.socket": connection}
    config = Config()
    parser = RequestParser(config, connection, ("127.0.0.1", 1))
    request = next(parser)
    return {**CHUNKED, "wsgi.input": request.body, "gunicorn.socket": connection}


@pytest.mark.parametrize("length", [LIMIT, 10 * LIMIT, None], ids=["in", "over", "chunks"])
def test_a_body_that_trickles_in_is_cut_off(hasty: None, length: int | None) -> None:
    ours, theirs = socket.socketpair()
    over = threading.Event()

    def trickle() -> None:
        with contextlib.suppress(OSError):
            until = time.monotonic() + 6
            while not over.wait(0.02) and time.monotonic() < until:
                theirs.sendall(b"1" if length is not None else b"1\r\nx\r\n")
            theirs.shutdown(socket.SHUT_WR)

    with ours, theirs:
        if length is None:
            theirs.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        meta = as_the_server_hands_it(ours, length)
        sender = threading.Thread(target=trickle)
        sender.start()
        began = time.monotonic()
        with pytest.raises((BadRequest, RequestDataTooBig)):
            sent(**meta)
        took = time.monotonic() - began
        over.set()
        sender.join()
    assert took < 5


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nhello\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"\r\n\r\n",
        b"5\r\nhelloworld\r\n",
        b"5;\r=\r\nhello\r\n",
        b"0\r\n" + b"X-Trailer: 1\r\n" * 3000 + b"\r\n",
        b"1" * 20_000,
    ],
    ids=["letters", "negative", "empty", "longer", "extension", "trailers", "endless size"],
)
@pytest.mark.parametrize("before", [b"", b"10000\r\n" + b"x" * 65536 + b"\r\n"], ids=["first", "later"])
def test_chunks_that_are_none_are_refused(body: bytes, before: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        sender = threading.Thread(target=_send_all, args=(theirs, head + before + body))
        sender.start()
        with pytest.raises(BadRequest):
            sent(**as_the_server_hands_it(ours, None))
        ours.close()
        sender.join()


def _send_all(connection: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):  # the other side may have heard enough
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)


def test_the_clock_ends_with_the_body() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"a=1")
        assert sent(**as_the_server_hands_it(ours, 3)) == "3 ['a']"
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread.is_alive()
                and not thread.finished.is_set()]  # fmt: skip


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
