"""Looking at single processes of a running product."""

from pathlib import Path

from tests.live import Live
from tests.waiting import until


def lives(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"


def came_back(product: Live, name: str, dead: int) -> bool:
    """Whether another process does what a dead one did."""
    return product.pid(name) != dead and lives(product.pid(name))


def wait_for_all(product: Live, seconds: float = 60) -> None:
    """Waits until every child lives and everything answers. (A dead worker's last sign counts for a while.)"""
    names = ("postgres", "redis", "web", "worker", "beat")
    until(lambda: all(lives(product.pid(name)) for name in names), seconds=seconds, what="all of them alive")
    product.wait_ready(seconds)
