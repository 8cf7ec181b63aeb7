"""A hard tail: nothing grows past what fits in one look."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("leap", "website", "enrollment", "courses", "accounts", "messaging", "privacy", "kit", "bench")
LONGEST = {"function": 40, "view": 25, "module": 300, "template": 120, "stylesheet": 200}


def modules() -> list[Path]:
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def too_long_functions(path: Path) -> list[str]:
    views = path.name in {"views.py", "api.py"} or path.parent.name == "views"
    most = LONGEST["view" if views else "function"]
    return [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for node in functions(path)
        if node.end_lineno and node.end_lineno - node.lineno + 1 > most
    ]


def test_there_is_something_to_measure() -> None:
    assert len(modules()) > 50


def test_functions_and_views_fit_in_one_look() -> None:
    assert [entry for path in modules() for entry in too_long_functions(path)] == []


@pytest.mark.parametrize(
    ("kind", "folder", "pattern"),
    [
        ("template", "templates", "*.html"),
        ("stylesheet", "static", "*.css"),
    ],
)
def test_files_people_see_are_short(kind: str, folder: str, pattern: str) -> None:
    found = list((ROOT / folder).rglob(pattern))
    assert found
    assert [str(path.relative_to(ROOT)) for path in found if lines(path) > LONGEST[kind]] == []


def test_modules_are_short() -> None:
    assert [str(path.relative_to(ROOT)) for path in modules() if lines(path) > LONGEST["module"]] == []


def test_every_module_says_what_lives_there() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
