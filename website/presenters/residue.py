"""Searches for leftovers as the board shows them: the last of each kind, place by place; a fortnight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.erasure.enums import RunKind
from privacy.erasure.models import ResidueRun

_LATE = timedelta(hours=36)  # a night was missed
PLACES: dict[str, str | Promise] = {
    "data": gettext_lazy("数据库文件"),
    "wal": gettext_lazy("数据库日志（WAL）"),
    "dump": gettext_lazy("明文转储"),
    "custom_dump": gettext_lazy("压缩转储"),
    "redis": gettext_lazy("Redis 文件"),
    "redis_values": gettext_lazy("Redis 里的内容"),
    "slow_log": gettext_lazy("Redis 慢日志"),
    "logs": gettext_lazy("运行日志"),
    "media": gettext_lazy("上传的文件"),
    "exports": gettext_lazy("信息副本"),
    "backups": gettext_lazy("备份（加密，不在其中查找）"),
    "home": gettext_lazy("其余文件"),
}


@dataclass(frozen=True)
class Place:
    """One place that was searched."""

    title: str
    found: int
    searched: str
    unreached: str
    missed: str
    """What a self-test planted there and did not find."""


@dataclass(frozen=True)
class Search:
    """One search in words."""

    kind: str
    row: ResidueRun | None
    places: list[Place]
    late: bool

    @property
    def clean(self) -> bool:
        """Whether it ran to its end, in time, and found nothing."""
        unreached = any(place.unreached for place in self.places)
        return bool(self.row and not self.row.failure and not self.row.findings) and not (
            self.late or unreached
        )


@dataclass(frozen=True)
class Night:
    """One square of the fortnight."""

    day: date
    x: int
    name: str
    """``clean``, ``found`` or ``missing``."""


def searches(last: Mapping[str, ResidueRun], at: datetime) -> list[Search]:
    """One of each kind; the nightly one is late where a night was missed."""
    return [_search(RunKind(kind), last.get(kind), at) for kind in RunKind.values]


def squares(nights: Sequence[tuple[date, ResidueRun | None]]) -> list[Night]:
    """One for each night, the oldest first."""
    return [Night(day, place * 24, _name(run)) for place, (day, run) in enumerate(nights)]


def _name(run: ResidueRun | None) -> str:
    if run is None:
        return "missing"
    return "found" if run.findings or run.failure else "clean"


def _search(kind: RunKind, row: ResidueRun | None, at: datetime) -> Search:
    late = kind == RunKind.CANARY and (row is None or row.begun_at < at - _LATE)
    places = [_place(name, told) for name, told in (row.places if row else {}).items()]
    return Search(str(kind.label), row, sorted(places, key=lambda place: -place.found), late)


def _place(name: str, told: Mapping[str, object]) -> Place:
    files, size, missed = told.get("files"), int(str(told.get("bytes", 0))), told.get("missed")
    said = _("%(files)d 个文件，%(size)s") % {"files": files, "size": filesizeformat(size)} if files else ""
    return Place(
        title=str(PLACES.get(name, name)),
        found=int(str(told.get("found", 0))),
        searched=said,
        unreached=str(told.get("unreached", "")),
        missed="；".join(map(str, missed)) if isinstance(missed, list) else "",
    )
