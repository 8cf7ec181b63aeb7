"""Wrapping every subject's key anew, beside the bare update of the same rows in the same batches."""

from collections.abc import Iterator

from bench.product import Product
from bench.report import Line, heading

KEYS = 200_000
TIMES = 4.0  # the bare update's seconds: opening, sealing, the objects of rows, and proof that none is left
LONGEST = 0.5  # seconds a reader may wait meanwhile


def measure(product: Product, *, keys: int = KEYS) -> Iterator[str | Line]:
    """Lines of the table: the roll, and what readers in another process have of it."""
    yield heading(
        f"Rolling {keys:,} keys (bars: {TIMES:g} times; {LONGEST * 1000:g} ms)", "roll", "update", "times"
    )
    product.told(["bench.rotations", "fill", str(keys)])
    bare = product.told(["bench.rotations", "bare"])["seconds"]
    roll = product.told(["bench.rotations", "roll"])
    times = roll["seconds"] / bare
    yield Line("rotate_keys", f"{roll['seconds']:.1f} s", f"{bare:.1f} s", f"{times:.1f}", times <= TIMES)
    yield Line(
        f"{roll['reads']:,} reads beside it, {roll['failed']} failed: the longest",
        f"{roll['longest'] * 1000:.0f} ms",
        f"{roll['usual'] * 1000:.1f} ms",
        f"{roll['longest'] / roll['usual']:.0f}",
        not roll["failed"] and roll["longest"] <= LONGEST,
    )
