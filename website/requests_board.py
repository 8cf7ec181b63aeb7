"""What the officers' inbox shows: what needs somebody first, of the requests that each may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from kit.few_pages import FewPages
from privacy.rights.enums import WAITING_FOR_THEM, RequestKind
from privacy.rights.models import DataSubjectRequest
from privacy.rights.models.owed import OWED, overdue
from privacy.rights.services.alerts import calendar_warning
from website.presenters.requests import Line, grouped
from website.services.request_desk import Officer, Tally, in_order, requests_for, tally

_A_PAGE = 30
SHOWN: dict[str, str | Promise] = {
    "open": _("没办结的"),
    "at_once": _("马上要看"),
    "overdue": _("已超期"),
    "waiting": _("在等对方"),
    "mine": _("我经办的"),
    "closed": _("已办结"),
}


@dataclass(frozen=True)
class Asked:
    """Which requests the list is to show, as the page's address says; open ones where it says nothing."""

    shown: str
    kind: str

    @classmethod
    def read(cls, query: QueryDict) -> Asked:
        shown, kind = query.get("show", ""), query.get("kind", "")
        return cls(shown if shown in SHOWN else "open", kind if kind in RequestKind.values else "")

    def query(self, **changed: str) -> str:
        """The address of the same list with something changed."""
        return urlencode({"show": self.shown, "kind": self.kind, **changed})

    def of(
        self, rows: QuerySet[DataSubjectRequest], who: Officer, at: datetime
    ) -> QuerySet[DataSubjectRequest]:
        where = {
            "open": OWED,
            "at_once": OWED & Q(at_once=True),
            "overdue": overdue(at),
            "waiting": Q(state__in=WAITING_FOR_THEM),
            "mine": OWED & Q(handled_by=who.id),
            "closed": ~OWED,
        }
        rows = rows.filter(where[self.shown])
        return rows.filter(rights__kind=self.kind) if self.kind else rows


@dataclass(frozen=True)
class Inbox:
    """The list as it stands."""

    asked: Asked
    tally: Tally
    groups: list[tuple[str, str, list[Line]]]
    page: Page[DataSubjectRequest]
    calendar_ends: str
    """What to tell officers when next year's holidays are missing, or nothing."""

    @property
    def views(self) -> list[tuple[str, str, str | Promise, int | None]]:
        """(name, address, words, how many) of each way to look at the list."""
        counts = {
            "open": self.tally.open,
            "at_once": self.tally.at_once,
            "overdue": self.tally.overdue,
            "waiting": self.tally.waiting,
        }
        return [(name, self.asked.query(show=name), words, counts.get(name)) for name, words in SHOWN.items()]

    @property
    def more(self) -> str:
        """The address of the next page, or nothing."""
        return self.asked.query(page=str(self.page.next_page_number())) if self.page.has_next() else ""


def inbox_of(*, who: Officer, asked: Asked, number: str | None, at: datetime) -> Inbox:
    """A page of the list. As many queries whatever the number of requests."""
    rows = asked.of(requests_for(who), who, at)
    ordered = rows.order_by("-closed_at", "-pk") if asked.shown == "closed" else in_order(rows, at)
    page = FewPages(ordered, _A_PAGE).get_page(number)
    return Inbox(
        asked=asked,
        tally=tally(who, at),
        groups=grouped(page, at),
        page=page,
        calendar_ends=calendar_warning(today=timezone.localdate(at)),
    )
