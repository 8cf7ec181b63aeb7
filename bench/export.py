"""A copy of all there is about one person, beside a plain dump of the same rows; and how memory grows."""

from collections.abc import Iterator

from bench.product import Product
from bench.report import Line, heading

ROWS = 10_000
_FEW = 1_000
_WARM_UP = 20  # rows on which everything is loaded that is loaded once
TIMES = 4.0  # the dump's seconds: read once more, written in three forms, sealed twice, packed, signed
GROWTH = 8 * 2**20  # bytes more for ten times the rows: pages of rows and chunks of files, not the rows
_MEGABYTE = 2**20


def measure(product: Product) -> Iterator[str | Line]:
    """Lines of the table. Each figure is from a process of its own, so that its memory is its own."""
    yield heading(
        f"A copy of {ROWS:,} rows (bars: {TIMES:g} times the floor; {GROWTH // _MEGABYTE} MB more)",
        *("copy", "floor", "times"),
    )
    made = product.told(["bench.copies", "fill", *map(str, (_WARM_UP, _WARM_UP, _WARM_UP, _FEW, ROWS))])
    *warm_up, little, much = made["guardians"]
    many = product.told(["bench.copies", "export", warm_up[0], much])
    few = product.told(["bench.copies", "export", warm_up[1], little])
    dump = product.told(["bench.copies", "dump", warm_up[2], much])
    times = many["seconds"] / dump["seconds"]
    yield Line(
        f"{many['rows']:,.0f} rows made, beside a plain dump",
        f"{many['seconds']:.1f} s",
        f"{dump['seconds']:.1f} s",
        f"{times:.1f}",
        times <= TIMES,
    )
    growth = many["bytes"] - few["bytes"]
    yield Line(
        f"peak memory beyond the start, beside {_FEW:,} rows",
        _megabytes(many["bytes"]),
        _megabytes(few["bytes"]),
        _megabytes(growth),
        growth <= GROWTH,
    )
    yield f"  {'peak memory of the plain dump':<44} {_megabytes(dump['bytes']):>12}"


def _megabytes(size: float) -> str:
    return f"{size / _MEGABYTE:.1f} MB"
