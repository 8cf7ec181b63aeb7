"""What says that it is kept says also what of it, or nothing starts."""

from dataclasses import replace

import pytest

from privacy.inventory.checks import findings
from privacy.inventory.remainders import remainders

EVENT = "enrollment.bookingevent"


def wrong() -> list[tuple[str, str]]:
    return [(str(finding.id), finding.msg) for finding in findings(without_lock=True)]


@pytest.mark.parametrize("label", sorted(remainders))
def test_a_table_that_keeps_something_says_which_rows(monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    assert wrong() == []
    monkeypatch.delitem(remainders, label)
    found = [said for name, said in wrong() if name == "erasure.E001"]
    assert [said.split()[0].lower() for said in found] == [label]


@pytest.mark.parametrize(
    "changed", [{"since": "ended_at"}, {"follows": "website.Ability"}, {"follows": EVENT}]
)
def test_what_stays_counts_from_a_column_and_follows_a_row_there_is(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    monkeypatch.setitem(remainders, EVENT, replace(remainders[EVENT], **changed))
    assert {name for name, _said in wrong()} == {"erasure.E002"}
