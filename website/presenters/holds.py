"""Legal holds as officers see them: whose, for whom, what is kept, until when somebody has to look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.utils.translation import gettext as _

from accounts.services.guardians import masked_phones_of
from accounts.services.roles import staff_names
from privacy.retention.models import LegalHold


@dataclass(frozen=True)
class HoldLine:
    """One hold in words."""

    hold: LegalHold
    whose: str
    """The number through its mask; of a child, and of somebody without an account, that it is so."""
    kinds: list[str]
    placed_by: str
    released_by: str
    left: str
    due: bool


def hold_lines(holds: Sequence[LegalHold], today: date) -> list[HoldLine]:
    """As many queries whatever the number of holds."""
    numbers = masked_phones_of([hold.subject_id for hold in holds])
    people = {by for hold in holds for by in (hold.placed_by, hold.released_by) if by}
    names = staff_names(people)
    return [
        HoldLine(
            hold=hold,
            whose=numbers.get(hold.subject_id) or _("孩子，或已经没有账号的人"),
            kinds=[_title(record.model) for record in hold.records.all()],
            placed_by=names.get(hold.placed_by, ""),
            released_by=names.get(hold.released_by, "") if hold.released_by else "",
            left=_left((hold.review_on - today).days),
            due=hold.review_on <= today,
        )
        for hold in holds
    ]


def _left(days: int) -> str:
    if days > 0:
        return _("%d 天后复核") % days
    return _("过了复核日期 %d 天") % -days if days else _("今天复核")


def _title(label: str) -> str:
    model = apps.get_model(label)
    return str(getattr(getattr(model, "Privacy", None), "title", None) or model._meta.verbose_name)
