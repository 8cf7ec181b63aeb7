"""A place on the waiting list in words: where it stands, and what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.class_words import class_in_words
from enrollment.enums import WaitlistState
from enrollment.models import TrialBooking, WaitlistChoice, WaitlistEntry
from kit.day_words import clock_of, date_in_words


@dataclass(frozen=True, kw_only=True)
class WaitedClass:
    """One of the classes of an entry; ``place`` is empty where it is waited for no more."""

    course: str
    when: str
    campus: str
    place: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An entry as pages show it. ``look`` is ok, warn or off; ``calm``: nothing is to come."""

    state: str
    title: str
    line: str
    look: str
    state_text: str
    url: str
    city: str
    classes: tuple[WaitedClass, ...]
    offer_url: str = ""
    """The page of the seat that is, or was, offered."""

    @property
    def calm(self) -> bool:
        return self.look == "off"

    @property
    def others(self) -> int:
        """How many classes there are beside the first."""
        return len(self.classes) - 1


def waiting_in_words(
    entry: WaitlistEntry,
    choices: list[WaitlistChoice],
    places: Mapping[UUID, int],
    offer: TrialBooking | None,
    at: datetime,
) -> Waiting:
    """``entry`` with its classes (at least one), its places by class, and the seat offered to it."""
    state = WaitlistState(entry.state)
    if state == WaitlistState.OFFERED and offer is not None and _over(offer, at):
        state = WaitlistState.EXPIRED  # nobody has written it down yet
    best = min(places.values(), default=0)
    title, line = _said(state, best, offer)
    return Waiting(
        state=state,
        title=title,
        line=line,
        look={WaitlistState.WAITING: "warn", WaitlistState.OFFERED: "ok"}.get(state, "off"),
        state_text=_("候补第 %d 位") % best if state == WaitlistState.WAITING else str(state.label),
        url=entry.get_absolute_url(),
        city=choices[0].session.campus.city.slug,
        classes=tuple(_class(choice, places.get(choice.session_id)) for choice in choices),
        offer_url=offer.get_absolute_url() if offer else "",
    )


def _class(choice: WaitlistChoice, place: int | None) -> WaitedClass:
    session = choice.session
    return WaitedClass(
        course=session.course.name,
        when=class_in_words(session),
        campus=session.campus.name,
        place=_("第 %d 位") % place if place else "",
    )


def _said(state: WaitlistState, place: int, offer: TrialBooking | None) -> tuple[str, str]:
    if state == WaitlistState.WAITING:
        return _("您排第 %d 位") % place, _("有座位空出来，就发短信给您")
    if state == WaitlistState.OFFERED and offer is not None and offer.hold_expires_at is not None:
        return _("有座位了，给您留着"), _("留到 %s，确认了才算约好") % _moment(offer.hold_expires_at)
    return {
        WaitlistState.ACCEPTED: (_("候补到了，座位是您的"), _("时间和地点在预约里")),
        WaitlistState.EXPIRED: (_("座位没有留住"), _("没有等到您确认，座位给了下一家")),
        WaitlistState.WITHDRAWN: (_("已经退出候补"), _("不会再为这次候补发短信")),
    }.get(state, (_("没有等到座位"), _("这次没有人让出座位，抱歉让您久等")))


def _over(offer: TrialBooking, at: datetime) -> bool:
    return offer.hold_expires_at is None or offer.hold_expires_at <= at


def _moment(at: datetime) -> str:
    return f"{date_in_words(timezone.localdate(at))} {clock_of(at)}"
