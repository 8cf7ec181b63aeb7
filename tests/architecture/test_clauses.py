"""The table of promises turns red where it should."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clauses import Clauses, listed

ROOT = Path(__file__).resolve().parents[2]


def report(clause: str, outcome: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="tests/x.py::test_x",
        location=("tests/x.py", 0, "test_x"),
        keywords={},
        outcome=outcome,
        longrepr=None,
        when="call",
        user_properties=[("clause", clause)],
    )


def after(*reports: pytest.TestReport, whole: bool = True) -> list[str]:
    table = Clauses(whole=whole)
    for one in reports:
        table.pytest_runtest_logreport(one)
    return table.trouble()


def test_a_run_in_which_every_promise_is_shown_is_green() -> None:
    assert after(*(report(clause, "passed") for clause in listed())) == []


@pytest.mark.parametrize(("outcome", "word"), [("skipped", "BROKEN"), ("failed", "BROKEN"), (None, "GONE")])
def test_a_promise_whose_test_is_gone_skipped_or_red_is_told(outcome: str | None, word: str) -> None:
    first, *others = listed()
    reports = [report(clause, "passed") for clause in others]
    reports += [report(first, outcome)] if outcome else []
    assert after(*reports) == [f"{first} is {word}"]


def test_a_part_of_the_tests_says_nothing_of_those_left_out() -> None:
    assert after(report(next(iter(listed())), "passed"), whole=False) == []


def test_a_mark_that_is_not_listed_is_told_in_any_run() -> None:
    assert after(report("L-XX-1", "passed"), whole=False) == ["L-XX-1 is marked, and not in clauses.toml"]


def test_a_real_run_ends_red_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_x.py").write_text(
        "import pytest\n\n@pytest.mark.clause('L-XX-1')\ndef test_x():\n    assert True\n", encoding="utf-8"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = clause(id): a promise\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.clauses", "-c", "pytest.ini", str(tmp_path)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "L-XX-1 is marked" in run.stdout) == (1, True), run.stdout + run.stderr
