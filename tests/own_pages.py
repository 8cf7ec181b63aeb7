"""Guardians for tests of their own pages: signed in by a code, as only a real one is."""

from django.test import Client

from accounts.models import User
from accounts.services.guardians import phone_of
from tests.cleaning import empty_redis
from tests.people import ask_code, last_code


def number_of(guardian: User) -> str:
    """Their number as it is typed, 11 digits."""
    return str(phone_of(guardian.pk)).removeprefix("+86")


def comes_in(guardian: User) -> Client:
    """A browser in which the guardian has just logged in with a code."""
    client, phone = Client(), number_of(guardian)
    challenge = ask_code(client, phone, "/account/login/")
    client.post("/account/login/", {"phone": phone, "code": last_code(phone), "challenge": challenge})
    empty_redis()
    return client


def an_hour_passes(client: Client) -> None:
    """The proof of the number was given long ago."""
    session = client.session
    session["proved"] = {**session["proved"], "at": session["proved"]["at"] - 3600}
    session.save()
