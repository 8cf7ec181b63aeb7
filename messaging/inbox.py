"""The demo inbox: what was sent, opened again where no phone is."""

from django.conf import settings

from messaging.enums import MessageState
from messaging.models import Message
from privacy.keystore.blind_index import blind_indexes


def read_inbox(*, number: str, limit: int = 20) -> list[Message]:
    """The newest messages sent to ``number`` (E.164), for the demo inbox.

    Raises PermissionError when a real gateway is in use: then nobody reads what was sent.
    """
    if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
        raise PermissionError("the demo inbox is closed")
    sent = Message.objects.filter(sent_to_index__in=blind_indexes("message.number", number))
    return list(sent.order_by("-finished_at", "-pk")[:limit])


def newest_messages(*, limit: int = 20) -> list[Message]:
    """The newest messages sent to anybody, for the demo inbox. Raises PermissionError as `read_inbox`."""
    if settings.SMS_GATEWAY not in settings.DEMO_GATEWAYS:
        raise PermissionError("the demo inbox is closed")
    sent = Message.objects.filter(state=MessageState.SENT)
    return list(sent.order_by("-finished_at", "-pk")[:limit])
