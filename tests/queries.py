"""What a block of a test costs: queries of each database, in literal numbers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connections
from django.test.utils import CaptureQueriesContext


@contextmanager
def counted(*, default: int, minors: int = 0, keys: int = 0) -> Iterator[None]:
    """Exactly so many queries by database, on the connections of this thread."""
    expected = {"default": default, "minors": minors, "keys": keys}
    with ExitStack() as stack:
        captured = {
            alias: stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in expected
        }
        yield
    said = {alias: [query["sql"][:200] for query in context] for alias, context in captured.items()}
    assert {alias: len(found) for alias, found in said.items()} == expected, said
