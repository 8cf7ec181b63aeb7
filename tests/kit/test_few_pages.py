"""A list that may grow long is counted as far as its pages go."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kit import few_pages
from kit.few_pages import FewPages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_pages, "MOST", 4)


def pages(rows: int) -> FewPages:
    Group.objects.bulk_create(Group(name=str(number)) for number in range(rows))
    return FewPages(Group.objects.order_by("name"), 2)


@pytest.mark.parametrize(
    ("rows", "count", "goes_on"), [(0, 0, False), (4, 4, False), (5, 4, True), (9, 4, True)]
)
def test_no_more_is_offered_than_is_counted(rows: int, count: int, goes_on: bool) -> None:
    found = pages(rows)

    assert (found.count, found.goes_on) == (count, goes_on)
    assert found.num_pages == max(1, count // 2)


def test_counting_ends_at_the_last_page() -> None:
    found = pages(9)
    with CaptureQueriesContext(connection) as asked:
        assert (found.count, found.goes_on) == (4, True)

    assert ["LIMIT 5" in query["sql"] and "ORDER BY" not in query["sql"] for query in asked] == [True]
