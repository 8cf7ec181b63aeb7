"""The closed lists of messaging, and which state may follow which."""

from django.utils.translation import gettext_lazy as _

from kit.closed_list import ClosedList


class MessageState(ClosedList):
    """Where a message is on its way out."""

    QUEUED = "queued", _("待发送")
    LEASED = "leased", _("已领取")
    SENDING = "sending", _("正在交给短信商")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")
    UNKNOWN = "unknown", _("结果不明")
    VOID = "void", _("已作废")


class Category(ClosedList):
    """What kind of message it is; what offers something needs a consent of its own."""

    ESSENTIAL = "essential", _("必要")
    SERVICE = "service", _("服务")
    MARKETING = "marketing", _("推广")


# A worker that dies while LEASED has sent nothing: the lease runs out and another takes over. One that
# dies while SENDING may have been heard by the vendor: the message becomes UNKNOWN and is never re-sent.
TRANSITIONS: dict[MessageState, frozenset[MessageState]] = {
    MessageState.QUEUED: frozenset({MessageState.LEASED, MessageState.VOID}),
    MessageState.LEASED: frozenset({MessageState.SENDING, MessageState.FAILED, MessageState.VOID}),
    MessageState.SENDING: frozenset(
        {MessageState.SENT, MessageState.FAILED, MessageState.UNKNOWN, MessageState.QUEUED}
    ),
    MessageState.SENT: frozenset(),
    MessageState.FAILED: frozenset(),
    MessageState.UNKNOWN: frozenset(),
    MessageState.VOID: frozenset(),
}
