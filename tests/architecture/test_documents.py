"""What the documents say is so."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = {
    ".py",
    ".html",
    ".css",
    ".js",
    ".md",
    ".toml",
    ".yml",
    ".lock",
    ".sh",
    ".conf",
    ".example",
    ".csv",
    ".txt",
    "",
}


def tracked() -> list[Path]:
    skipped = {
        ".git",
        ".venv",
        "var",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
    }
    files = (path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts))
    return [path for path in files if path.suffix in TEXT]


def test_decisions_are_numbered_as_their_headings_say() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]

    assert numbers == [f"{number:04d}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert len(text.splitlines()) <= 60


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []


def test_readme_opens_with_two_commands() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"```sh\n(.*?)```", text, re.S)

    assert first
    assert [line.split("#")[0].strip() for line in first[1].splitlines()] == ["make run", "make test"]


def test_every_dependency_says_why_it_is_here() -> None:
    source = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(source)["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["dev"]]

    silent = [name for name in named if not re.search(rf'"{re.escape(name)}",\s+# \w', source)]
    assert silent == []


def test_locks_carry_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9-]+(?:\[.*\])?==", text, re.M)
        assert len(pins) > 20
        assert text.count(" \\\n    --hash=") >= len(pins)
        assert "://" not in text


def test_no_machine_and_no_registry_is_named() -> None:
    words = re.compile(r"/(?:work|tmp|root|home)/\w|(?:pypi|npmjs|debian)\.org|pythonhosted", re.I)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
        if words.search(line)
    ]
    assert found == []
