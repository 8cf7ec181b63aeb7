"""What the officers' board shows: what has to be looked at first, then what goes when, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from privacy.erasure.models import ErasureRest, RecipientNotice
from privacy.inventory.declarations import Keep
from privacy.retention.rules import Rule
from website.presenters.erasures import Proof, UnderWay, day_or_hold, proofs, under_way
from website.presenters.residue import Night, Search, searches, squares
from website.presenters.retention_rules import Columns, RuleLine, chart_of, in_days, lines_of
from website.services.going import done_elsewhere, going
from website.services.retention_desk import (
    Erased,
    Keeper,
    certificates_for,
    erased,
    erasures_under_way,
    holds_tally,
    last_runs,
    last_searches,
    nights,
    notices_due,
    rests_next,
)

_PROOFS = 5


@dataclass(frozen=True)
class Board:
    """The board as it stands at one moment."""

    erased: Erased
    jobs: list[UnderWay]
    rests: list[tuple[ErasureRest, str]]
    notices: list[RecipientNotice]
    rules: list[RuleLine]
    chart: Columns
    elsewhere: list[tuple[Rule, Keep, str]]
    holds: int
    holds_due: int
    searches: list[Search]
    nights: list[Night]
    proofs: list[Proof]

    @property
    def due(self) -> int:
        """How many rows' time is over."""
        return sum(line.counted.now for line in self.rules)

    @property
    def soon(self) -> int:
        """How many more go within a week."""
        return sum(line.counted.soon for line in self.rules)

    @property
    def to_see(self) -> list[tuple[str, str]]:
        """(where on the page, words) of everything that somebody has to look at."""
        failed = sum(bool(job.failed) for job in self.jobs)
        silent = sum(job.silent and not job.failed for job in self.jobs)
        halted = sum(line.halted for line in self.rules)
        unclean = [search.kind for search in self.searches if not search.clean]
        broken = sum(not proof.holds for proof in self.proofs)
        said = [
            ("erasures", failed, _("%d 次删除有一步没做成")),
            ("erasures", silent, _("%d 次删除好一会儿没有动静")),
            ("rules", halted, _("%d 条规则停着，等人核对")),
            ("holds", self.holds_due, _("%d 件依法保存到了复核日期")),
            ("notices", len(self.notices), _("%d 个接收方还没有通知")),
            ("proofs", broken, _("%d 份凭证的签名对不上")),
        ]
        found = [(place, words % count) for place, count, words in said if count]
        return found + [("residue", _("%s没有通过") % kind) for kind in unclean]


def board_of(*, who: Keeper, at: datetime) -> Board:
    """The whole board. As many queries whatever there is, and two for each rule."""
    counted = going(at)
    holds, holds_due = holds_tally(timezone.localdate(at))
    return Board(
        erased=erased(who, at),
        jobs=under_way(erasures_under_way(who), at),
        rests=[(rest, day_or_hold(rest.until)) for rest in rests_next(who)],
        notices=notices_due(who),
        rules=lines_of(counted, last_runs()),
        chart=chart_of(counted),
        elsewhere=[(rule, keep, in_days(period)) for rule, keep, period in done_elsewhere()],
        holds=holds,
        holds_due=holds_due,
        searches=searches(last_searches(), at),
        nights=squares(nights(at)),
        proofs=proofs(certificates_for(who)[:_PROOFS]),
    )
