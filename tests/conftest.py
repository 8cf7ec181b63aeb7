"""What every test finds: migrated databases, used as the app role, and an empty Redis."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

from tests.cleaning import empty_databases, empty_ledger, empty_redis
from tests.live import live  # noqa: F401  a fixture for all
from tests.outbound import only_registered_hosts  # noqa: F401  a fixture of every test

settings.register_profile("leap", deadline=None)  # how busy the machine is, is nothing a test asks about
settings.load_profile("leap")


@pytest.fixture(scope="session")
def django_db_setup() -> Iterator[None]:
    """No databases of the tests' own: the app role of migrated ones, as in service. See tests/harness.py."""
    empty_databases()
    kept = TransactionTestCase._fixture_teardown

    def tear_down(case: Any) -> None:
        empty_databases()

    TransactionTestCase._fixture_teardown = tear_down
    yield
    TransactionTestCase._fixture_teardown = kept


@pytest.fixture(scope="session")
def words_at_start(django_db_setup: None, django_db_blocker: Any) -> tuple[Any, Any]:
    """Who runs the site and what it says about itself, as `prepare` left them."""
    from privacy.consent.operator import operator
    from website.services.content import site_content

    with django_db_blocker.unblock():
        words = operator(), site_content()
        connection.close()
    return words


@pytest.fixture(autouse=True)
def a_process_that_has_served(words_at_start: tuple[Any, Any]) -> None:
    """Knows the site's words, so that no count of queries depends on the clock, and keeps no page."""
    from kit.page_cache import forget_pages
    from privacy.consent.operator import operator
    from website.services.content import site_content

    operator.hold(words_at_start[0])
    site_content.hold(words_at_start[1])
    forget_pages()


@pytest.fixture(autouse=True)
def fresh_redis() -> None:
    """Limits count from nothing in every test."""
    empty_redis()


@pytest.fixture(autouse=True)
def fresh_ledger() -> None:
    """What a test rolled back was never buried."""
    empty_ledger()
