"""The staff's door: a name and a password, and no way in for guardians or guessers."""

import pytest
from django.test import Client

from accounts.models import User
from privacy.audit.models import AuditEvent

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

RIGHT = "paper-puppet-theatre-7"


@pytest.fixture
def officer() -> User:
    return User.objects.create_superuser("officer", RIGHT)


def enter(client: Client, password: str, name: str = "officer", **headers: str):
    return client.post("/staff/login/?next=/staff/", {"username": name, "password": password}, **headers)


def test_right_password_opens_the_back_office_and_is_recorded(client: Client, officer: User) -> None:
    assert enter(client, RIGHT).status_code == 302

    assert client.get("/staff/").status_code == 200
    assert AuditEvent.objects.filter(action="user.logged_in", actor_id=officer.pk).exists()


def test_sixth_try_is_refused_even_with_the_right_password(client: Client, officer: User) -> None:
    for _ in range(5):
        assert enter(client, "wrong").status_code == 200

    refused = enter(client, RIGHT)

    assert refused.status_code == 200
    assert "再试" in refused.content.decode()
    assert client.get("/staff/").status_code == 302


def test_one_address_cannot_try_many_names(client: Client, officer: User) -> None:
    for number in range(30):
        enter(client, "wrong", name=f"nobody{number}")

    assert enter(client, RIGHT).status_code == 200
    assert enter(client, RIGHT, REMOTE_ADDR="198.51.100.9").status_code == 302


def test_guardian_has_no_way_into_the_back_office(client: Client, officer: User) -> None:
    client.force_login(User.objects.create())

    assert client.get("/staff/").status_code == 302


def test_pages_of_the_back_office_keep_the_content_policy(client: Client, officer: User) -> None:
    client.force_login(officer)
    for page in ("/staff/", "/staff/enrollment/trialbooking/", "/staff/audit/auditevent/"):
        response = client.get(page)
        assert response.status_code == 200
        assert "default-src 'self'" in response["Content-Security-Policy"]
