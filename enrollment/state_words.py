"""Where a booking stands, said to the family: one headline and one line below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from enrollment.enums import BookingState, SessionState
from enrollment.models import ClassSession, TrialBooking
from kit.day_words import clock_of, date_in_words, near_in_words


@dataclass(frozen=True, kw_only=True)
class Headline:
    """What the page of a booking opens with. ``calm``: nothing is to come."""

    title: str
    line: str
    calm: bool = True
    on_paper: str = ""
    """The title where a day may not be called by its distance."""


def state_in_words(booking: TrialBooking) -> str:
    """Where ``booking`` stands, for lists: the name of its state, unless there is more to say."""
    if booking.state == BookingState.HELD and booking.waitlist_entry_id:
        return _("等您确认")
    unmarked = booking.state == BookingState.BOOKED and booking.lapsed_at is not None
    return _("还没有登记") if unmarked else str(booking.get_state_display())


def headline(booking: TrialBooking, at: datetime) -> Headline:
    """``booking`` as of ``at``; its class is read."""
    state = BookingState(booking.state)
    if state == BookingState.REQUESTED:
        title = _("收到了，等校区来电") if booking.is_fresh(at) else _("等校区来电，一起定时间")
        return Headline(title=title, line=_("打电话或到校区时，报这个号就行"), calm=False)
    if state in (BookingState.BOOKED, BookingState.CANCELLED) and _is_called_off(booking):
        return Headline(title=_("这节课取消了"), line=_("座位不用再退，想来的时候另约一节"))
    if state == BookingState.BOOKED and booking.session is not None:
        return _booked(booking, booking.session, at)
    title, line = _waited(state) if booking.waitlist_entry_id else _settled(state)
    return Headline(title=title, line=line, calm=state not in (BookingState.HELD, BookingState.CHECKED_IN))


def _is_called_off(booking: TrialBooking) -> bool:
    return booking.session is not None and booking.session.state == SessionState.CANCELLED


def _booked(booking: TrialBooking, session: ClassSession, at: datetime) -> Headline:
    if session.ends_at <= at:
        return Headline(title=_("这节课已经过去，校区还没有登记"), line=_("来过的话，登记以后这里会更新"))
    if session.starts_at <= at:
        return Headline(title=_("这节课正在上"), line=_("到了校区，报这个号就行"), calm=False)
    day = date_in_words(session.local_date)  # a weekday alone would be taken for this week's
    moved = booking.rescheduled_from_id is not None
    fresh = _("改好了，%s见") if moved else _("约好了，%s见")
    words = fresh if booking.is_fresh(at) and not booking.class_changed_at else _("%s见")
    clock = clock_of(session.starts_at)
    title = words % f"{near_in_words(session.local_date, at) or day} {clock} "
    on_paper = _("%s见") % f"{day} {clock} "
    return Headline(title=title, line=_("到校区报这个号就行"), calm=False, on_paper=on_paper)


def _waited(state: BookingState) -> tuple[str, str]:
    """A seat offered to who waited for it."""
    return {
        BookingState.HELD: (_("候补到座位了，给您留着"), _("确认以后才算约好")),
        BookingState.EXPIRED: (_("座位没有留住"), _("没有等到您确认，座位给了下一家")),
    }.get(state) or _settled(state)


def _settled(state: BookingState) -> tuple[str, str]:
    return {
        BookingState.HELD: (_("座位先给您留着"), _("验证手机号以后才算约好")),
        BookingState.CHECKED_IN: (_("已经签到"), _("祝孩子玩得开心")),
        BookingState.ATTENDED: (_("这节课上过了"), _("谢谢您带孩子来")),
        BookingState.NO_SHOW: (_("那天没有等到您"), _("没关系，想来的时候再约一节就好")),
        BookingState.CANCELLED: (_("这次预约已经取消"), _("座位已经让出来，不用再做什么")),
        BookingState.RESCHEDULED: (_("这次预约改到别的时间了"), _("原来的座位已经让出来")),
        BookingState.EXPIRED: (_("座位没有留住"), _("号码没有按时验证，座位让给了别的孩子")),
    }[state]
