"""Who a message is for. Never a number: the number is read when the message is sent."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Recipient:
    """``kind`` and ``id`` name a row that knows the number; what is said is sealed under ``subject``."""

    kind: str
    id: UUID
    subject: UUID
