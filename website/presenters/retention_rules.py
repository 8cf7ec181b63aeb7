"""What goes when, as the board shows it: a line and small bars for each rule, and one chart of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from privacy.inventory.enums import KeepReason
from privacy.retention.enums import RunState
from privacy.retention.models import PurgeRun
from privacy.retention.rules import Rule
from website.services.going import WEEKS, Going, by_week
from website.services.retention_desk import Lately

_WIDE, _BAR, _HIGH = 16, 12, 56  # of a chart: units of its own
_HALTED = (RunState.PAUSED, RunState.FAILED)
_ODD = {"ceiling": "warn", "paused": "warn", "failed": "warn", "done": "ok"}


@dataclass(frozen=True)
class Column:
    """One bar of a chart, in its units."""

    x: int
    y: int
    height: int
    now: bool


@dataclass(frozen=True)
class Columns:
    """What is due now, then week by week. The words beside it say the same."""

    bars: list[Column]
    width: int
    height: int = _HIGH


@dataclass(frozen=True)
class Run:
    """A purge in words."""

    row: PurgeRun
    state: str
    tone: str


@dataclass(frozen=True)
class RuleLine:
    """One rule: what it is about, how long that is kept and why, what goes when, how its last runs went."""

    rule: Rule
    keep: str
    why: str
    period: str
    counted: Going
    columns: Columns
    real: Run | None
    dry: Run | None

    @property
    def halted(self) -> bool:
        """Whether the last purge stands still until somebody has looked."""
        return self.real is not None and self.real.row.state in _HALTED


def lines_of(counted: Sequence[Going], runs: Mapping[str, Lately]) -> list[RuleLine]:
    """The rules in the order given; those that stand still first."""
    lines = [_line(one, runs.get(one.rule.name, Lately())) for one in counted]
    return sorted(lines, key=lambda line: not line.halted)


def chart_of(counted: Sequence[Going]) -> Columns:
    """All rules together."""
    return _columns(sum(one.now for one in counted), by_week(counted) if counted else [0] * WEEKS)


def in_days(span: timedelta) -> str:
    """A span of time as people say it."""
    if not span:
        return _("用完就删")
    if span < timedelta(days=2):
        return (
            _("%d 小时") % round(span / timedelta(hours=1)) if span >= timedelta(hours=1) else _("1 小时内")
        )
    years, rest = divmod(span.days, 365)
    return _("%d 年") % years if years and rest <= years else _("%d 天") % span.days


def _line(one: Going, lately: Lately) -> RuleLine:
    return RuleLine(
        rule=one.rule,
        keep=str(one.keep.title),
        why=f"{KeepReason(one.keep.reason).label}（{one.keep.source}）",
        period=in_days(one.period),
        counted=one,
        columns=_columns(one.now, one.weeks),
        real=_run(lately.real),
        dry=_run(lately.dry),
    )


def _run(row: PurgeRun | None) -> Run | None:
    return Run(row, str(RunState(row.state).label), _ODD.get(row.state, "")) if row else None


def _columns(now: int, weeks: Sequence[int]) -> Columns:
    values = [now, *weeks]
    most = max([*values, 1])
    bars = []
    for place, value in enumerate(values):
        height = max(round(_HIGH * value / most), 3) if value else 1
        bars.append(Column(place * _WIDE + 2, _HIGH - height, height, place == 0 and value > 0))
    return Columns(bars, len(values) * _WIDE + _BAR - _WIDE + 4)
