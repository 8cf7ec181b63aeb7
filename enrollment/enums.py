"""The closed lists of enrollment, and which state may follow which."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class BookingState(ClosedList):
    """Where a trial booking stands. ``requested`` takes no seat: the campus calls to fix a class."""

    REQUESTED = "requested", _("已收到，等校区联系")
    CANCELLED = "cancelled", _("已取消")


class BookingChannel(ClosedList):
    """By which way a booking came in."""

    WEB = "web", _("网页")
    API = "api", _("接口")


TRANSITIONS: dict[BookingState, frozenset[BookingState]] = {
    BookingState.REQUESTED: frozenset({BookingState.CANCELLED}),
    BookingState.CANCELLED: frozenset(),
}


class RevealReason(ClosedList):
    """Why a member of staff needs to see a whole number."""

    CALL_BACK = "call_back", _("回电约时间")
    ANSWER = "answer", _("家长来电，核对身份")
