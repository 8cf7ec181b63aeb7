"""How long until nothing of a person can be read, and how many erasures there are to the hour."""

from collections.abc import Iterator

from bench.product import Product
from bench.report import Line, heading

UNREADABLE = 5.0  # seconds for an average person, from asking
_FEW = 20
_WARM_UP = 5


def measure(product: Product, *, people: int) -> Iterator[str | Line]:
    """Lines of the table. ``people``: how many are erased one after the other by one worker."""
    yield heading(f"Erasing (bar: {UNREADABLE:g} s until unreadable)", "erasure", "plain rows", "times")
    guardians = product.told(["bench.erasures", "fill", str(_WARM_UP + 2 * _FEW + people)])["guardians"]
    warm_up, guardians = guardians[:_WARM_UP], guardians[_WARM_UP:]
    plain, few, many = guardians[:_FEW], guardians[_FEW : 2 * _FEW], guardians[2 * _FEW :]
    product.told(["bench.erasures", "one"], given=warm_up)
    raw = product.told(["bench.erasures", "raw"], given=plain)["seconds"] / _FEW
    each = product.told(["bench.erasures", "one"], given=few)
    yield Line(
        "asked until unreadable, median",
        f"{each['unreadable']:.2f} s",
        f"{raw:.4f} s",
        f"{each['unreadable'] / raw:.0f}",
        each["unreadable"] <= UNREADABLE,
    )
    yield f"  {'asked until the certificate, median':<44} {each['whole']:>10.2f} s"
    if people:
        done = product.told(["bench.erasures", "one"], given=many)
        yield f"  {f'{people:,} people, one worker: a person':<44} {done['whole']:>10.2f} s"
