"""The closed lists of enrollment, and which state may follow which."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class SessionState(ClosedList):
    """Where a class stands. Started and finished follow the clock; the rest is for staff to decide."""

    DRAFT = "draft", _("草稿")
    OPEN = "open", _("开放预约")
    CLOSED = "closed", _("暂停预约")
    STARTED = "started", _("上课中")
    FINISHED = "finished", _("已下课")
    CANCELLED = "cancelled", _("已取消")


SESSION_TRANSITIONS: dict[SessionState, frozenset[SessionState]] = {
    SessionState.DRAFT: frozenset({SessionState.OPEN, SessionState.CANCELLED}),
    SessionState.OPEN: frozenset({SessionState.CLOSED, SessionState.STARTED, SessionState.CANCELLED}),
    SessionState.CLOSED: frozenset({SessionState.OPEN, SessionState.STARTED, SessionState.CANCELLED}),
    SessionState.STARTED: frozenset({SessionState.FINISHED}),
    SessionState.FINISHED: frozenset(),
    SessionState.CANCELLED: frozenset(),
}


class BookingState(ClosedList):
    """Where a trial booking stands. ``requested`` takes no seat: the campus calls to fix a class."""

    REQUESTED = "requested", _("已收到，等校区联系")
    HELD = "held", _("座位留着，等验证")
    BOOKED = "booked", _("已约好")
    CHECKED_IN = "checked_in", _("已签到")
    ATTENDED = "attended", _("已上课")
    NO_SHOW = "no_show", _("没有来")
    CANCELLED = "cancelled", _("已取消")
    RESCHEDULED = "rescheduled", _("已改期")
    EXPIRED = "expired", _("占位已过期")


class BookingChannel(ClosedList):
    """By which way a booking came in."""

    WEB = "web", _("网页")
    API = "api", _("接口")
    STAFF = "staff", _("工作人员代约")


# A seat is taken from the hold on, and stays taken by who came and who did not: the class is over then.
TAKES_A_SEAT = frozenset(
    {
        BookingState.HELD,
        BookingState.BOOKED,
        BookingState.CHECKED_IN,
        BookingState.ATTENDED,
        BookingState.NO_SHOW,
    }
)
# Who comes to the class, came, or stayed away.
EXPECTED = TAKES_A_SEAT - {BookingState.HELD}
ACTIVE = frozenset({BookingState.HELD, BookingState.BOOKED, BookingState.CHECKED_IN})
# What still lies ahead of a family: a call or a class.
LIVE = ACTIVE | {BookingState.REQUESTED}
OVER = frozenset(BookingState) - LIVE

TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.REQUESTED: frozenset({BookingState.BOOKED, BookingState.CANCELLED}),
    BookingState.HELD: frozenset({BookingState.BOOKED, BookingState.CANCELLED, BookingState.EXPIRED}),
    BookingState.BOOKED: frozenset(
        {
            BookingState.CHECKED_IN,
            BookingState.NO_SHOW,
            BookingState.CANCELLED,
            BookingState.RESCHEDULED,
        }
    ),
    # Checked in by mistake is booked again.
    BookingState.CHECKED_IN: frozenset({BookingState.ATTENDED, BookingState.BOOKED}),
    BookingState.NO_SHOW: frozenset({BookingState.ATTENDED}),
    BookingState.ATTENDED: frozenset(),
    BookingState.CANCELLED: frozenset(),
    BookingState.RESCHEDULED: frozenset(),
    BookingState.EXPIRED: frozenset(),
}


class WaitlistState(ClosedList):
    """Where a family on a waiting list stands."""

    WAITING = "waiting", _("候补中")
    OFFERED = "offered", _("有座位了，等您确认")
    ACCEPTED = "accepted", _("已候补到")
    EXPIRED = "expired", _("没有及时确认")
    WITHDRAWN = "withdrawn", _("已退出候补")
    LAPSED = "lapsed", _("没有候补到")


WAITS = frozenset({WaitlistState.WAITING, WaitlistState.OFFERED})

WAITLIST_TRANSITIONS: dict[WaitlistState, frozenset[WaitlistState]] = {
    WaitlistState.WAITING: frozenset({WaitlistState.OFFERED, WaitlistState.WITHDRAWN, WaitlistState.LAPSED}),
    WaitlistState.OFFERED: frozenset(
        {WaitlistState.ACCEPTED, WaitlistState.EXPIRED, WaitlistState.WITHDRAWN}
    ),
    WaitlistState.ACCEPTED: frozenset(),
    WaitlistState.EXPIRED: frozenset(),
    WaitlistState.WITHDRAWN: frozenset(),
    WaitlistState.LAPSED: frozenset(),
}


class ChangeReason(ClosedList):
    """Why a class was changed, in words that its families are told."""

    TEACHER = "teacher", _("老师临时有事")
    ROOM = "room", _("教室安排有变")
    CAMPUS = "campus", _("校区临时不能上课")
    WEATHER = "weather", _("天气原因")
    FEW = "few", _("报名的人太少")
    TIMETABLE = "timetable", _("课表调整")


class RevealReason(ClosedList):
    """Why a member of staff needs to see a whole number."""

    CALL_BACK = "call_back", _("回电约时间")
    ANSWER = "answer", _("家长来电，核对身份")
