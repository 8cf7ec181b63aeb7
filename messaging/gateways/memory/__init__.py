"""Keeps what it was given in this process, for tests to read."""

from typing import NamedTuple

from messaging.gateways.base import Outcome, SendResult


class Sent(NamedTuple):
    """One message as a vendor would have seen it."""

    to: str
    text: str
    reference: str


outbox: list[Sent] = []


class Gateway:
    name = "memory"

    def send(self, *, to: str, text: str, reference: str, timeout: float) -> SendResult:
        """Append to ``outbox``."""
        outbox.append(Sent(to, text, reference))
        return SendResult(Outcome.ACCEPTED, reference)
