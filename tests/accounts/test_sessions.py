"""Sessions say whose they are, so that somebody's end all at once, and nobody else's."""

import pytest
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import transaction
from django.test import Client

from accounts.models import Session, User
from accounts.services.sessions import EverySession
from accounts.session_store import SessionStore
from tests.children import signed_in
from tests.families import a_guardian

pytestmark = pytest.mark.django_db(databases="__all__")


def a_staff_member() -> User:
    user = User(kind="staff", username="somebody", is_staff=True)
    user.set_unusable_password()
    user.save()
    return user


def is_known(client: Client) -> bool:
    return bool(client.get("/api/v1/me/").json()["authenticated"])


@pytest.mark.parametrize("make", [a_guardian, a_staff_member])
def test_a_session_is_of_whoever_is_signed_in(make: type) -> None:
    user = make()
    signed_in(user)

    assert list(Session.objects.values_list("account_id", flat=True)) == [user.pk]


def test_a_browser_where_nobody_is_signed_in_is_nobodys() -> None:
    store = SessionStore()
    store["links"] = ["x"]
    store.save()

    assert Session.objects.get().account_id is None


def test_signing_in_and_out_keeps_the_owner_true() -> None:
    guardian = a_guardian()
    client = signed_in(guardian)
    assert Session.objects.of(guardian.pk).count() == 1

    client.logout()
    assert not Session.objects.of(guardian.pk).exists()


def test_all_of_somebodys_sessions_end_and_nobody_elses() -> None:
    guardian, other = a_guardian(), a_guardian()
    phone, computer, theirs = signed_in(guardian), signed_in(guardian), signed_in(other)
    assert all(is_known(client) for client in (phone, computer, theirs))

    EverySession().end_all(guardian.pk)

    assert [is_known(client) for client in (phone, computer, theirs)] == [False, False, True]
    assert set(Session.objects.values_list("account_id", flat=True)) == {other.pk}


def test_a_request_under_way_does_not_bring_an_ended_session_back() -> None:
    guardian = a_guardian()
    client = signed_in(guardian)
    under_way = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    under_way["step"] = 1

    EverySession().end_all(guardian.pk)

    with pytest.raises(UpdateError), transaction.atomic():
        under_way.save()
    assert not Session.objects.exists()


def test_a_session_begun_at_that_very_moment_is_worth_nothing() -> None:
    guardian = a_guardian()
    before = User.objects.get(pk=guardian.pk)
    EverySession().end_all(guardian.pk)

    late = signed_in(before)  # it holds the digest of the password as it was
    assert not is_known(late)
