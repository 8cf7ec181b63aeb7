"""Each import contract holds, and turns red when violated."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("leap", "website", "enrollment", "courses", "accounts", "messaging", "privacy", "kit")

VIOLATIONS = {
    "layers": ("privacy/consent/enums.py", "import accounts.enums"),
    "privacy": ("privacy/inventory/enums.py", "import privacy.audit.services"),
    "inside": ("accounts/enums.py", "import accounts.services.codes"),
    "cipher": ("accounts/services/codes.py", "import cryptography.fernet"),
    "audit": ("enrollment/services/bookings.py", "import privacy.audit.models"),
    "keys": ("accounts/services/codes.py", "import privacy.keystore.models"),
    "network": ("enrollment/services/bookings.py", "import urllib.request"),
}


def lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
            "--contract",
            contract,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_has_a_violation_to_prove_it() -> None:
    import tomllib

    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["id"] for contract in config["tool"]["importlinter"]["contracts"]} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_contract_holds_and_turns_red_when_violated(copy: Path, contract: str) -> None:
    name, line = VIOLATIONS[contract]
    held = lint(copy, contract)
    assert held.returncode == 0, held.stdout + held.stderr

    text = (copy / name).read_text(encoding="utf-8")
    (copy / name).write_text(f"{text}\n{line}\n", encoding="utf-8")
    broken = lint(copy, contract)
    (copy / name).write_text(text, encoding="utf-8")

    assert broken.returncode == 1, broken.stdout + broken.stderr
