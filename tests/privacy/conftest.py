"""What tests of the privacy apps share."""

import os
from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor


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
