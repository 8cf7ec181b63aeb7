"""`python -m bench`: prints every figure beside its floor; ends with 1 when a bar was missed."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator

from bench import bookings, erasure, export, lists, pages, purge, rotation
from bench.load import BadAnswer
from bench.product import filled, forget_settings
from bench.report import Line
from leap.services.progress import say
from leap.services.trouble import CannotStart

_FEW = 1_000


def main() -> int:
    """The exit status: 0 when every bar was met, 1 when one was missed, 2 when nothing could be measured."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    forget_settings()
    lines: list[Line] = []
    try:
        for said in _measure(asked):
            say(str(said))
            lines += [said] if isinstance(said, Line) else []
    except (CannotStart, BadAnswer) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 2
    missed = [line for line in lines if not line.met]
    say(f"\n{len(lines) - len(missed)} of {len(lines)} bars met")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only",
        choices=["bookings", "pages", "lists", "export", "erasure", "purge", "rotation"],
        help="one of the tables (default: all)",
    )
    parser.add_argument("--bookings", type=int, default=1_000_000, help="in the large database")
    parser.add_argument("--seconds", type=float, default=2.0, help="each page is asked for in a round")
    parser.add_argument("--each", type=int, default=200, help="bookings of a kind in a round")
    parser.add_argument("--asks", type=int, default=500, help="each list is asked for")
    parser.add_argument("--rounds", type=int, default=5, help="of the pages, whose median counts")
    parser.add_argument("--rows", type=int, default=1_000_000, help="are purged at once")
    parser.add_argument("--people", type=int, default=1_000, help="are erased by one worker")
    return parser.parse_args()


def _measure(asked: argparse.Namespace) -> Iterator[str | Line]:
    with contextlib.ExitStack() as products:
        few, shown = products.enter_context(filled(bookings=min(_FEW, asked.bookings)))
        if asked.only in (None, "bookings"):
            yield from bookings.measure(few, each=asked.each, rounds=asked.rounds)
        if asked.only in (None, "pages"):
            with few.serving() as port:
                yield from pages.measure(port, shown, seconds=asked.seconds, rounds=asked.rounds)
        if asked.only in (None, "export"):
            yield from export.measure(few)
        if asked.only in (None, "erasure"):
            yield from erasure.measure(few, people=asked.people)
        if asked.only in (None, "purge"):
            yield from purge.measure(few, rows=asked.rows)
        if asked.only in (None, "lists"):
            many, shown_of_many = products.enter_context(filled(bookings=asked.bookings))
            with few.serving("bench.uncached") as port, many.serving("bench.uncached") as port_of_many:
                yield from lists.measure(
                    (port_of_many, shown_of_many),
                    (port, shown),
                    sizes=(asked.bookings, min(_FEW, asked.bookings)),
                    asks=asked.asks,
                )
        if asked.only in (None, "rotation"):  # last: its keys are many beside those of the few
            yield from rotation.measure(few)


if __name__ == "__main__":
    sys.exit(main())
