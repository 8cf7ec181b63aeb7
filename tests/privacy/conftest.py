"""What tests of the privacy apps share."""

import os
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class in a lower-case name
from pytest_django import DjangoDbBlocker

from privacy.keystore.services import key_scope
from tests.privacy.scratch import scratch_tables


@pytest.fixture
def owner_cursor() -> Iterator[Cursor]:
    """A cursor of the role that owns the tables of ``default``; what it did is rolled back."""
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture(scope="module")
def scratch(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The scratch models have their tables."""
    with django_db_blocker.unblock(), scratch_tables():
        yield


@pytest.fixture
def scope() -> Iterator[None]:
    """As within a request: keys are remembered until the test ends."""
    with key_scope():
        yield
