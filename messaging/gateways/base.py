"""What every SMS vendor must answer."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """How a vendor took a message."""

    ACCEPTED = "accepted"
    NUMBER_BAD = "number_bad"
    NUMBER_THROTTLED = "number_throttled"
    GATEWAY_DOWN = "gateway_down"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class SendResult:
    """``provider_id`` is the vendor's own name for the message."""

    outcome: Outcome
    provider_id: str = ""


class SmsGateway(Protocol):
    """One vendor. ``send`` raises nothing: what went wrong is an Outcome."""

    name: str

    def send(self, *, to: str, text: str, reference: str, timeout: float) -> SendResult:
        """Hand ``text`` over for ``to`` (E.164) within ``timeout`` seconds.

        ``reference`` is the same for every try of one message, so that a vendor can de-duplicate.
        """
        ...
