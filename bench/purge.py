"""Letting a million rows go, beside the plainest SQL that does it in batches, while others go on writing."""

from collections.abc import Iterator

from bench.product import Product
from bench.report import Line, heading

TIMES = 1.5
LONGEST_WAIT = 0.2  # seconds of somebody who writes into the same table meanwhile


def measure(product: Product, *, rows: int) -> Iterator[str | Line]:
    """Lines of the table: seconds without the pauses, and the longest wait of an insert beside each."""
    yield heading(f"A purge of {rows:,} rows (bar: {TIMES:g} times)", "purge", "plain SQL", "times")
    product.told(["bench.purges", "plain", str(rows // 100)])  # everything loaded that is loaded once
    plain = product.told(["bench.purges", "plain", str(rows)])
    ours = product.told(["bench.purges", "ours", str(rows)])
    times = ours["seconds"] / plain["seconds"]
    yield Line(
        f"{ours['rows']:,} rows gone",
        f"{ours['seconds']:.1f} s",
        f"{plain['seconds']:.1f} s",
        f"{times:.2f}",
        times <= TIMES,
    )
    yield Line(
        f"longest wait of {ours['inserts']:,} inserts beside it",
        f"{ours['longest'] * 1000:.0f} ms",
        f"{plain['longest'] * 1000:.0f} ms",
        f"{ours['longest'] / plain['longest']:.2f}",
        ours["longest"] <= LONGEST_WAIT,
    )
