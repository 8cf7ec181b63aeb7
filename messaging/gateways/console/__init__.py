"""Sends nothing; says on the console that it would have. What it said is read in the demo inbox."""

import sys

from messaging.gateways.base import Outcome, SendResult


class Gateway:
    name = "console"

    def send(self, *, to: str, text: str, reference: str, timeout: float) -> SendResult:
        """Print the message's id, and nothing of its content or number."""
        sys.stdout.write(f"sent {reference}\n")
        sys.stdout.flush()
        return SendResult(Outcome.ACCEPTED, reference)
