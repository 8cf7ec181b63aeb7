"""A test in which code called a host nobody registered is red, even where the refusal was swallowed."""

from collections.abc import Iterator

import pytest

from kit import outbound


@pytest.fixture(autouse=True)
def only_registered_hosts() -> Iterator[None]:
    """Fails the test, after it ran, when the guard refused a connection meanwhile."""
    outbound.refused.clear()
    yield
    hosts = list(outbound.refused)
    outbound.refused.clear()
    assert not hosts, f"code tried to reach {', '.join(hosts)}: not registered as a recipient"
