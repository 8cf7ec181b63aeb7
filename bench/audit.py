"""`python -m bench.audit`: what Lighthouse makes of a parent's first pages, the median of three visits."""

import argparse
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.lighthouse import SCORES, NoVerdict, Visit, middle, visit
from bench.product import filled, forget_settings
from bench.shown import Shown
from leap.services.progress import say, step
from leap.services.trouble import CannotStart

_LEAST = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
_LARGEST_PAINT = 3.0  # seconds, on slow 3G
_FIRST_VIEW = {"": 30, "Stylesheet": 10, "Script": 5}  # thousands of bytes as transferred; "" is all of them
_REQUESTS = 6


@dataclass(frozen=True)
class Page:
    """A page to look at. ``first_view``: whether parents may come here before anything is in their cache."""

    path: str
    session: str = ""
    first_view: bool = False
    skip: tuple[str, ...] = ()


def main() -> int:
    """The exit status: 0 when every bar was met, 1 when one was missed, 2 when nothing could be audited."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    forget_settings()
    missed: list[str] = []
    try:
        with filled(bookings=asked.bookings) as (served, shown), served.serving("leap.settings") as port:
            say(_HEADING)
            for page in _pages(shown):
                with step(f"{page.path}: {asked.visits} visits and {asked.visits} on slow 3G"):
                    usual, slow = _visits(asked, port, page)
                found = list(faults(page, usual, slow))
                say(_line(page, usual, slow, found))
                missed += found
    except (CannotStart, NoVerdict) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 2
    say(f"\n{len(missed)} bars missed" if missed else "\nevery bar met")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--lighthouse", type=Path, required=True, help="the program")
    parser.add_argument("--visits", type=int, default=3, help="to each page, whose median counts")
    parser.add_argument("--bookings", type=int, default=100, help="that the audited product holds")
    return parser.parse_args()


def _pages(shown: Shown) -> list[Page]:
    return [
        Page("/", first_view=True),
        Page("/cities/"),
        Page(f"/campuses/{shown.campus}/"),
        Page("/trial/", first_view=True),
        # A booking is not for search engines, and says so: whether they could list it is not asked.
        Page(shown.booking, session=shown.parent, skip=("is-crawlable",)),
    ]


def _visits(asked: argparse.Namespace, port: int, page: Page) -> tuple[Visit, Visit]:
    """The median visit at Lighthouse's usual speed, and the one on slow 3G."""
    url = f"http://127.0.0.1:{port}{page.path}"
    usual, slow = (
        middle(
            [
                visit(asked.lighthouse, url, session=page.session, slow=slow, skip=page.skip)
                for _ in range(asked.visits)
            ]
        )
        for slow in (False, True)
    )
    return usual, slow


def faults(page: Page, usual: Visit, slow: Visit) -> Iterator[str]:
    """The bars a page missed, in words."""
    for name, least in _LEAST.items():
        if usual.scores[name] < least:
            yield f"{name} {usual.scores[name]}, and {least} is asked"
    if slow.largest_paint > _LARGEST_PAINT:
        yield f"largest paint on slow 3G after {slow.largest_paint:.1f} s, and {_LARGEST_PAINT} s is asked"
    if not page.first_view:
        return
    for kind, most in _FIRST_VIEW.items():
        size = usual.sizes.get(kind, 0) if kind else usual.size
        if size > most * 1000:
            yield f"{kind or 'first view'} of {size / 1000:.1f} kB, and {most} kB is asked"
    if usual.requests > _REQUESTS:
        yield f"{usual.requests} requests, and {_REQUESTS} are asked"


_HEADING = (
    f"\n  {'':<28}" + "".join(f"{name[:13]:>15}" for name in SCORES) + "      kB  requests  paint  slow 3G"
)


def _line(page: Page, usual: Visit, slow: Visit, missed: list[str]) -> str:
    scores = "".join(f"{usual.scores[name]:>15}" for name in SCORES)
    sizes = f"{usual.size / 1000:>8.1f}{usual.requests:>10}"
    paint = f"{usual.largest_paint:>6.1f}s{slow.largest_paint:>8.1f}s"
    notes = [f"    MISSED {words}" for words in missed] + [f"    {words}" for words in usual.faults]
    return "\n".join([f"  {page.path[:28]:<28}{scores}{sizes}{paint}", *notes])


if __name__ == "__main__":
    sys.exit(main())
