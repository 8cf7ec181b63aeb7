"""A wrong value stops the start with a sentence that says what to do, and shows no secret."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from leap import env

ROOT = Path(__file__).resolve().parents[2]
SECRET = "hunter2"

REFUSED: list[tuple[Callable[[str], Any], str, str]] = [
    *((env.env_networks, value, "172.30.7.0/24") for value in ("foo", "10.0.0.1/33", "10.0.0.1;10.0.0.2", "unixx")),
    *(
        (lambda name: env.env_port(name, 8000), value, word)
        for value, word in [("99999", "65535"), ("65536", "65535"), ("0", "1"), ("-1", "1"), ("http", "1"), ("²", "1")]
    ),
    *(
        (lambda name: env.env_url(name, "", schemes=("https", "http")), value, "https://www.example.com")
        for value in (
            "", "example.com", "ftp://example.com", "https://", "https://:443", "https://example.com:99999",
            "https://example.com:port", "https://example.com/leap", "https://example.com?x=1", "https://[::1",
            "https://user:pass@example.com", "https://exa mple.com", "https://*", "https://exämple.com", "//example.com",
            "https://.example.com", "https://example.com:0",
        )
    ),
    *(
        (env.env_redis, value, "redis://host:6379/0")
        for value in (
            "garbage", "http://redis:6379/0", f"redis://:{SECRET}@redis:port/0", f"redis://:{SECRET}@redis:6379/x",
            "redis://", "redis:///0", "unix://", "unix:///a.sock?db=x", "redis://[::1", f"redis://:{SECRET}@redis:70000",
        )
    ),
    *(
        (env.env_database, value, "postgresql://role:password@host:5432/database")
        for value in (
            "garbage", f"postgresql://a:{SECRET}@host:port/leap", f"postgresql://a:{SECRET}@host:99999/leap",
            f"postgresql://a:{SECRET}@host", f"mysql://a:{SECRET}@host/leap", f"postgresql://a:{SECRET}@[::1/leap",
            f"postgresql://a:{SECRET}@/leap?host=/run&port=x",
        )
    ),
    *((env.env_keys_by_epoch, value, "1:<base64>") for value in (",", "x:abc", "²:abc")),
    *(
        (lambda name: env.env_hours(name, "8-21"), value, "8-21")
        for value in ("8", "21-8", "8-8", "8-25", "8:00-21:00", "-", "²-9")
    ),
    *((env.env_key, value, "base64") for value in ("***", "ключ", base64.b64encode(b"short").decode())),
]  # fmt: skip


@pytest.mark.parametrize(("read", "value", "advice"), REFUSED)
def test_a_wrong_value_is_answered_with_advice(
    read: Callable[[str], Any], value: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETTING", value)
    with pytest.raises(ImproperlyConfigured, match="SETTING") as refused:
        read("SETTING")
    assert advice in str(refused.value)
    assert SECRET not in str(refused.value)


def test_right_values_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def given(value: str) -> str:
        monkeypatch.setenv("SETTING", value)
        return "SETTING"

    assert env.env_networks(given("10.0.0.7, 172.30.7.0/24,unix,fd00::/8")) == [
        "10.0.0.7",
        "172.30.7.0/24",
        "unix",
        "fd00::/8",
    ]
    assert env.env_networks(given("")) == []
    assert env.env_port(given("65535"), 1) == 65535
    for url in ("https://www.example.com", "http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"):
        assert env.env_url(given(url), "", schemes=("https", "http")) == url
    assert env.env_url(given("HTTPS://Www.Example.com/"), "", schemes=("https",)) == "https://www.example.com"
    for url in (
        "redis://r",
        "redis://:p@r:6379/3",
        "rediss://r:6379/0",
        "unix:///a/b.sock?db=0",
        "unix:///a/b.sock",
    ):
        assert env.env_redis(given(url)) == url
    found = env.env_database(given("postgresql://a:p%40@/leap?host=/run/pg&port=5433"))
    assert (found["HOST"], found["PORT"], found["PASSWORD"], found["NAME"]) == (
        "/run/pg",
        "5433",
        "p@",
        "leap",
    )


@pytest.mark.parametrize("name", ["REDIS_URL", "DATABASE_URL"])
def test_the_stores_may_come_from_files(name: str, tmp_path: Path) -> None:
    environment = dict(os.environ)
    (tmp_path / "url").write_text(environment.pop(name) + "\n", encoding="utf-8")
    script = "from leap import settings; print(settings.REDIS_URL, settings.DATABASES['default']['NAME'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**environment, f"{name}_FILE": str(tmp_path / "url")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == os.environ["REDIS_URL"]


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"], ids=["gone", "empty", "blank", "bytes"])
def test_a_file_that_holds_nothing_is_said(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SETTING_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match="SETTING_FILE points to a file that"):
        env.env_secret("SETTING")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEAP_TRUSTED_PROXIES", "foo"),
        ("REDIS_URL", "garbage"),
        ("LEAP_PUBLIC_URL", "example.com"),
        ("DATABASE_URL", "postgresql://a:b@host:port/leap"),
        ("PORT", "99999"),
    ],
)
def test_the_settings_read_so(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import leap.settings"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"ImproperlyConfigured: {name}" in done.stderr.splitlines()[-1]
