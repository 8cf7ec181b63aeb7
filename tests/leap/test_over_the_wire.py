"""What only a real server shows: bodies in chunks, bodies too large, headers on whatever it answers."""

import http.client
import json
import socket

import pytest

from tests.live import Live

pytestmark = pytest.mark.processes
TOKEN = "k" * 32  # double submit: the cookie and the header say the same


def ask(live: Live, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; status, headers and body of the answer."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=30) as connection:
        lines = [*head.splitlines(), "Host: 127.0.0.1", f"Cookie: csrftoken={TOKEN}", f"X-CSRFToken: {TOKEN}"]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return (
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )


def chunked(body: bytes, size: int = 1000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


POST = "POST /api/v1/verification-codes/ HTTP/1.1\nContent-Type: application/json\n"


def test_a_body_in_chunks_is_read(live: Live) -> None:
    body = json.dumps({"phone": "1" * 30, "purpose": "booking"}).encode()
    status, _headers, answer = ask(live, POST + "Transfer-Encoding: chunked", chunked(body, 7))
    assert (status, json.loads(answer)["code"]) == (422, "phone_invalid")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024])
def test_a_body_too_large_is_told_so_whichever_way_it_comes(live: Live, size: int) -> None:
    body = b'{"phone": "' + b"1" * size
    whole = ask(live, POST + f"Content-Length: {len(body)}", body)
    parts = ask(live, POST + "Transfer-Encoding: chunked", chunked(body, 60_000))
    for status, headers, answer in (whole, parts):
        assert (status, json.loads(answer)["code"]) == (413, "too_large")
        assert headers["content-type"] == "application/problem+json"
        assert headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "5, 6"])
def test_a_length_that_is_no_number(live: Live, length: str) -> None:
    status, _headers, _answer = ask(live, POST + f"Content-Length: {length}", b"{}")
    assert status == 400


def test_a_body_cut_short_frees_the_server(live: Live) -> None:
    for _ in range(40):  # more than there are threads
        with socket.create_connection(("127.0.0.1", live.port), timeout=5) as connection:
            connection.sendall(
                (POST + "Host: 127.0.0.1\nContent-Length: 100\n\n{").replace("\n", "\r\n").encode()
            )
    assert ask(live, "GET /healthz HTTP/1.1")[0] == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/no/such/", 404),
        ("/static/no/such.css", 404),
        ("/trial", 301),
    ],
)
def test_every_answer_carries_the_guards(live: Live, path: str, status: int) -> None:
    found, headers, _answer = ask(live, f"GET {path} HTTP/1.1")
    assert found == status
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert "x-request-id" in headers


def test_bytes_that_are_no_text_in_address_query_and_headers(live: Live) -> None:
    for line in (
        "GET /cities/?q=%ff%fe HTTP/1.1",
        "GET /t/%ff/ HTTP/1.1",
        "GET /%c3%28 HTTP/1.1",
        "GET /?%00=1 HTTP/1.1",
    ):
        status, _headers, _answer = ask(live, line + "\nX-Odd: \u00ff\u00fe")
        assert status < 500
    status, _headers, _answer = ask(live, 'GET /account/ HTTP/1.1\nCookie: session="abcdefghij\\000"')
    assert status < 500


@pytest.mark.parametrize(
    "charset", ["hex", "base64", "undefined", "idna", "punycode", "utf-7", "no-such", ""]
)
def test_a_charset_of_the_senders_choice(live: Live, charset: str) -> None:
    for line in (
        f"Content-Type: text/plain; charset={charset}",
        f"Content-Type: text/plain; charset*={charset}''%ff",
    ):
        status, _headers, _answer = ask(live, f"GET /cities/?q=%E4 HTTP/1.1\n{line}")
        assert status < 500


@pytest.mark.parametrize(
    "body", [b"zz\r\nhello\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"0\r\n" + b"X-T: 1\r\n" * 3000 + b"\r\n"]
)
def test_chunks_that_are_none(live: Live, body: bytes) -> None:
    status, headers, answer = ask(live, POST + "Transfer-Encoding: chunked", body)
    assert (status, json.loads(answer)["code"]) == (400, "malformed")
    assert headers["content-security-policy"].startswith("default-src 'self'")
