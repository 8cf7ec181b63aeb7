"""Each import contract holds, and turns red when violated."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("leap", "website", "enrollment", "courses", "accounts", "messaging", "privacy", "kit")

# A contract, the module that breaks it, and the line by which it does.
VIOLATIONS = (
    ("layers", "privacy/consent/enums.py", "import accounts.enums"),
    ("privacy", "privacy/inventory/enums.py", "import privacy.audit.services"),
    ("inside", "accounts/enums.py", "import accounts.services.codes"),
    ("inside", "accounts/browser.py", "import accounts.door"),
    ("inside", "accounts/door.py", "import accounts.code_step"),
    ("inside", "accounts/code_step.py", "import accounts.login_post"),
    ("inside", "accounts/login_post.py", "import accounts.views"),
    ("inside", "accounts/staff_login.py", "import accounts.tasks"),
    ("inside", "accounts/services/codes.py", "import accounts.addresses"),
    ("inside", "enrollment/services/bookings.py", "import enrollment.access"),
    ("inside", "enrollment/models.py", "import enrollment.presenters"),
    ("inside", "enrollment/entry.py", "import enrollment.trial_post"),
    ("inside", "enrollment/trial_post.py", "import enrollment.api"),
    ("inside", "courses/models.py", "import courses.services.cities"),
    ("inside", "accounts/columns.py", "import accounts.models"),
    ("inside", "messaging/texts.py", "import messaging.models"),
    ("inside", "messaging/recipients.py", "import messaging.services"),
    ("inside", "messaging/gateways/base.py", "import messaging.services"),
    ("inside", "messaging/services.py", "import messaging.checks"),
    ("inside", "privacy/consent/operator.py", "import privacy.consent.documents"),
    ("inside", "privacy/consent/declarations.py", "import privacy.consent.models"),
    ("inside", "privacy/audit/services.py", "import privacy.audit.admin"),
    ("inside", "website/content.py", "import website.account"),
    ("inside", "website/puppets.py", "import website.context"),
    ("inside", "enrollment/placed_nowhere.py", ""),
    ("cipher", "accounts/services/codes.py", "import cryptography.fernet"),
    ("audit", "enrollment/services/bookings.py", "import privacy.audit.models"),
    ("keys", "accounts/services/codes.py", "import privacy.keystore.models"),
    ("network", "enrollment/services/bookings.py", "import urllib.request"),
)


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


def contracts() -> set[str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"] for contract in config["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_a_violation_to_prove_it() -> None:
    assert contracts() == {contract for contract, _, _ in VIOLATIONS}


@pytest.mark.parametrize("contract", sorted(contracts()))
def test_contract_holds(copy: Path, contract: str) -> None:
    held = lint(copy, contract)

    assert held.returncode == 0, held.stdout + held.stderr


@pytest.mark.parametrize(("contract", "name", "line"), VIOLATIONS)
def test_contract_turns_red_when_violated(copy: Path, contract: str, name: str, line: str) -> None:
    module = copy / name
    text = module.read_text(encoding="utf-8") if module.exists() else None
    module.write_text(f"{text or ''}\n{line}\n", encoding="utf-8")
    try:
        broken = lint(copy, contract)
    finally:
        module.unlink() if text is None else module.write_text(text, encoding="utf-8")

    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert name.removesuffix(".py").replace("/", ".") in broken.stdout
