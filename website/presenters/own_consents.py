"""What somebody agreed to or not, one line a use, with what can be done about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from kit.day_words import date_in_words
from privacy.consent.choices import OPTIONAL
from privacy.consent.enums import ConsentPurpose, ConsentState
from privacy.consent.models import ConsentRecord

_LOOKS = {ConsentState.GIVEN: "ok", ConsentState.WITHDRAWN: "plain", ConsentState.REFUSED: "plain"}


@dataclass(frozen=True)
class ConsentLine:
    """One decision: about what, which way, since when, under which version."""

    purpose: str
    title: str
    state: str
    look: str
    since: str
    act: str
    """``whole``: goes with the policy; ``children``: on the children's page; ``switch``: by itself."""
    given: bool


def consent_lines(decisions: Iterable[ConsentRecord]) -> list[ConsentLine]:
    """One line a use; of several children those agreed for are counted together."""
    lines, of_children = [], []
    for decision in decisions:
        if decision.purpose == ConsentPurpose.CHILDREN:
            of_children.append(decision)
        else:
            lines.append(_line(decision, str(ConsentPurpose(decision.purpose).label)))
    agreed = [decision for decision in of_children if decision.state == ConsentState.GIVEN]
    if agreed:
        lines.append(_line(agreed[-1], _("儿童个人信息，为 %d 个孩子") % len(agreed)))
    elif of_children:
        lines.append(_line(of_children[-1], str(ConsentPurpose.CHILDREN.label)))
    return lines


def _line(decision: ConsentRecord, title: str) -> ConsentLine:
    purpose, state = ConsentPurpose(decision.purpose), ConsentState(decision.state)
    day = date_in_words(timezone.localdate(decision.at))
    alone = "switch" if purpose in OPTIONAL else "whole"
    return ConsentLine(
        purpose=purpose,
        title=title,
        state=str(state.label),
        look=_LOOKS[state],
        since=_("%(day)s，版本 %(version)s") % {"day": day, "version": decision.notice.version},
        act="children" if purpose == ConsentPurpose.CHILDREN else alone,
        given=state == ConsentState.GIVEN,
    )
