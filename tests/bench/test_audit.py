"""What the audit asks of a page, and what it says of one that falls short."""

from dataclasses import replace

import pytest

from bench.audit import Page, faults
from bench.lighthouse import SCORES, Visit, middle

GOOD = Visit(
    scores={"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100},
    sizes={"Document": 15_000, "Stylesheet": 10_000, "Script": 5_000},
    requests=6,
    largest_paint=3.0,
)
HOME = Page("/", first_view=True)


def test_a_page_that_meets_every_bar_is_not_faulted() -> None:
    assert list(faults(HOME, GOOD, GOOD)) == []


@pytest.mark.parametrize("name", SCORES)
def test_each_score_has_its_bar(name: str) -> None:
    low = replace(GOOD, scores={**GOOD.scores, name: GOOD.scores[name] - 1})

    assert [name in words for words in faults(HOME, low, GOOD)] == [True]


def test_a_late_paint_counts_on_the_slow_network_alone() -> None:
    late = replace(GOOD, largest_paint=3.1)

    assert list(faults(HOME, late, GOOD)) == []
    assert len(list(faults(HOME, GOOD, late))) == 1


@pytest.mark.parametrize(
    "heavy",
    [
        replace(GOOD, sizes={**GOOD.sizes, "Document": 15_001}),
        replace(GOOD, sizes={"Stylesheet": 10_001}),
        replace(GOOD, sizes={"Script": 5_001}),
        replace(GOOD, requests=7),
    ],
)
def test_a_first_view_is_light_and_later_pages_need_not_be(heavy: Visit) -> None:
    assert len(list(faults(HOME, heavy, GOOD))) == 1
    assert list(faults(Page("/cities/"), heavy, GOOD)) == []


def test_the_middle_visit_counts_and_no_fault_is_forgotten() -> None:
    visits = [
        replace(
            GOOD, scores={**GOOD.scores, "performance": score}, requests=score, faults=(f"fault {score}",)
        )
        for score in (90, 99, 97)
    ]

    found = middle(visits)
    assert (found.scores["performance"], found.requests) == (97, 97)
    assert found.faults == ("fault 90", "fault 99", "fault 97")
