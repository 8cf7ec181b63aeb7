"""What was measured, as lines people read, and whether every bar was met."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Line:
    """One figure beside its floor. ``share`` is the figure in terms of the floor, which the bar is about."""

    what: str
    figure: str
    floor: str
    share: str
    met: bool

    def __str__(self) -> str:
        return f"  {self.what:<44} {self.figure:>12}  {self.floor:>12}  {self.share:>7}  {self._verdict}"

    @property
    def _verdict(self) -> str:
        return "ok" if self.met else "MISSED"


def heading(title: str, figure: str, floor: str, share: str) -> str:
    """The two lines above a table."""
    return f"\n{title}\n  {'':<44} {figure:>12}  {floor:>12}  {share:>7}"


def at_least(bar: float, *, what: str, rates: Sequence[tuple[float, float]]) -> Line:
    """A rate that has to reach a share of its floor. ``rates``: (figure, floor) of each round."""
    share = median(figure / floor for figure, floor in rates)
    figure, floor = (median(column) for column in zip(*rates, strict=True))
    return Line(what, f"{figure:,.0f}", f"{floor:,.0f}", f"{share:.0%}", share >= bar)


def at_most(bar: float, *, what: str, seconds: Sequence[float], floor: Sequence[float]) -> Line:
    """A 95th percentile that may be so many times its floor's."""
    high, low = p95(seconds), p95(floor)
    share = high / low
    return Line(what, f"{high * 1000:.1f} ms", f"{low * 1000:.1f} ms", f"{share:.2f}", share <= bar)


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return quantiles(seconds, n=20, method="inclusive")[-1]
