"""Requests in numbers: a year's months as a table and as bars of an SVG, and one month to take along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from privacy.rights.enums import RequestKind
from privacy.rights.services.statistics import Month

_HEIGHT, _STEP, _BAR = 120, 50, 13  # of the chart: units of its own


@dataclass(frozen=True)
class Bar:
    """One bar of the chart, in its units."""

    name: str
    x: int
    y: int
    height: int
    value: int


@dataclass(frozen=True)
class Chart:
    """A year's months: what came in, what was closed in time, what was late. The table says the same."""

    width: int
    height: int
    bars: list[Bar]
    labels: list[tuple[int, int]]
    """(where, month) of each label below."""
    most: int


def chart_of(months: Sequence[Month]) -> Chart:
    """Three bars a month, the highest as high as the chart."""
    most = max([month.total.received for month in months] + [1])
    bars, labels = [], []
    for place, month in enumerate(months):
        total = month.total
        values = (("in", total.received), ("done", total.on_time), ("late", total.late))
        for number, (name, value) in enumerate(values):
            height = round(_HEIGHT * value / most)
            x = place * _STEP + number * (_BAR + 1) + 4
            bars.append(Bar(name, x, _HEIGHT - height, height, value))
        labels.append((place * _STEP + 4, month.month))
    return Chart(len(months) * _STEP, _HEIGHT, [bar for bar in bars if bar.value], labels, most)


HEAD = ("month", "kind", "received", "closed", "on_time", "late", "refused")


def lines_of(month: Month) -> list[list[str | int]]:
    """One line a kind and one for all; numbers alone, and nothing of anybody."""
    lines: list[list[str | int]] = []
    for kind, tally in month.by_kind.items():
        lines.append([month.month, str(RequestKind(kind).label), *_numbers(tally)])
    lines.append([month.month, _("合计"), *_numbers(month.total)])
    return lines


def titles() -> list[str]:
    """The heads of the columns."""
    return [_("月"), _("请求"), _("收到"), _("办结"), _("按时"), _("超期"), _("不能办")]


def _numbers(tally: object) -> list[int]:
    return [getattr(tally, name) for name in HEAD[2:]]
