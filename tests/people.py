"""People for tests. Their numbers end in 0000 upwards of a demo block and belong to nobody we know."""

import re
from itertools import count

from django.test import Client

from messaging.gateways import memory
from messaging.services import sweep

_numbers = count(1)
PRIVACY_AND_TERMS = {"agree_terms": "on", "agree_privacy": "on"}


def new_phone() -> str:
    """An 11-digit number no other test uses."""
    return f"1380000{next(_numbers):04d}"


def last_code(phone: str) -> str:
    """The code a phone was sent last, once everything queued has gone out."""
    sweep()
    texts = [sent.text for sent in memory.outbox if sent.to == f"+86{phone}"]
    codes = [match[1] for text in texts if (match := re.search(r"(\d{6}) 是您的验证码", text))]
    return codes[-1]


def texts_to(phone: str) -> list[str]:
    """Everything a phone was sent, the oldest first."""
    sweep()
    return [sent.text for sent in memory.outbox if sent.to == f"+86{phone}"]


def ask_code(client: Client, phone: str, page: str = "/trial/", **typed: str) -> str:
    """Ask for a code on a page; the challenge that came back."""
    response = client.post(page, {"phone": phone, "action": "send_code", **typed})
    assert response.status_code == 200, response.content.decode()
    return str(response.context["challenge"])


def filled(phone: str, challenge: str) -> dict[str, str]:
    """The trial form as it is posted when nothing is wrong with it, with the code last sent."""
    return {
        "phone": phone,
        "code": last_code(phone),
        "challenge": challenge,
        "city": "beijing",
        **PRIVACY_AND_TERMS,
    }


def book(client: Client, phone: str, **changed: str) -> object:
    """Go the whole way on the trial page; the response to the last post."""
    challenge = ask_code(client, phone)
    return client.post("/trial/", {**filled(phone, challenge), **changed})
