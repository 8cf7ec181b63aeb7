"""Guardians and their children for tests, put down as the pages do it."""

from datetime import date
from uuid import UUID

import psycopg2
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.services.children import add_child
from accounts.services.guardianships import accept_invitation, invite_guardian
from privacy.consent.enums import Channel
from privacy.consent.services import notice
from privacy.minors.models import Child

NICKNAME = "小豆包"
BORN = date(2021, 5, 1)


def a_guardian() -> User:
    """Somebody who has an account."""
    return User.objects.create()


def signed_in(guardian: User) -> Client:
    """A browser in which the guardian is signed in."""
    client = Client()
    client.force_login(guardian)
    return client


def rules() -> dict[str, str]:
    """The agreement to the children's rules in force."""
    return {"children": notice("children").version}


def a_child(guardian: User, nickname: str = NICKNAME, born: date = BORN) -> UUID:
    """A child of the guardian's, with its consent."""
    return add_child(
        guardian=guardian, nickname=nickname, birth_month=born, agreements=rules(), channel=Channel.WEB
    )


def an_invitation(guardian: User, child_id: UUID) -> str:
    """The token of a link by which another guardian may join."""
    return invite_guardian(guardian=guardian, public_id=name_of(child_id)).token


def joins(guardian: User, token: str) -> UUID:
    """The guardian accepts an invitation; the child's id."""
    return accept_invitation(guardian=guardian, token=token, agreements=rules(), channel=Channel.WEB)


def name_of(child_id: UUID | None) -> str:
    """The child's name in addresses."""
    assert child_id
    return Child.objects.get(pk=child_id).public_id


def as_superuser(url: str, statement: str) -> None:
    """One committed statement. The word APP stands for the app role of `default`."""
    admin = psycopg2.connect(url)
    try:
        with admin, admin.cursor() as cursor:
            cursor.execute(statement.replace("APP", str(settings.DATABASES["default"]["USER"])))
    finally:
        admin.close()
