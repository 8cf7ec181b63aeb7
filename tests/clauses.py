"""The end of a whole run: each promise, the tests that show it, and how they went."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

LIST = Path(__file__).with_name("clauses.toml")
_PROPERTY = "clause"
_PASSED = "passed"


def listed() -> dict[str, str]:
    """Every promise kept so far, with what it says."""
    groups = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return {clause: words for group in groups.values() for clause, words in group.items()}


class Clauses:
    """Gathers the results of a run by promise. Marks travel with the reports, so tests may run elsewhere."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.results: defaultdict[str, dict[str, str]] = defaultdict(dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        marks = item.iter_markers("clause")
        report.user_properties += [(_PROPERTY, str(clause)) for mark in marks for clause in mark.args]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != _PASSED:
            for name, clause in report.user_properties:
                if name == _PROPERTY:
                    self.results[str(clause)][report.nodeid] = report.outcome

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.trouble() and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.whole:
            terminalreporter.section("promises")
            for clause, words in listed().items():
                count = len(self.results[clause])
                terminalreporter.write_line(f"{clause:14} {count:4} {self.verdict(clause):8} {words}")
        for line in self.trouble():
            terminalreporter.write_line(line, red=True)

    def verdict(self, clause: str) -> str:
        """How a promise stands: "kept" when every test that shows it ran and passed."""
        outcomes = set(self.results[clause].values())
        if not outcomes:
            return "GONE"
        return "kept" if outcomes == {_PASSED} else "BROKEN"

    def trouble(self) -> list[str]:
        """What is wrong with the list itself: a sentence each."""
        known = listed()
        unlisted = [
            f"{clause} is marked, and not in {LIST.name}" for clause in self.results if clause not in known
        ]
        if not self.whole:
            return unlisted
        return unlisted + [
            f"{clause} is {self.verdict(clause)}" for clause in known if self.verdict(clause) != "kept"
        ]


def pytest_configure(config: pytest.Config) -> None:
    """Only a run of everything can say that a promise's test is gone."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    ordinary = config.option.markexpr in ("", "not soak")
    config.pluginmanager.register(Clauses(whole=everything and ordinary), "clauses")
