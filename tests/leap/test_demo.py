"""The logins of the demo: one line each, made once, kept in a file of the owner's alone."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.services.roles import load_roles
from courses.models import Campus, CampusMembership
from courses.policies import campus_scope
from leap.roles import ROLES

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

CALLED = [
    *("head-office", "campus-beijing", "campus-shanghai"),
    *("privacy-officer", "second-privacy-officer", "minors-officer", "auditor"),
]


@pytest.fixture
def logins(settings, tmp_path: Path) -> Path:
    settings.LEAP_HOME = tmp_path
    # Passwords are made by the dozen here; how slowly they are checked is not the question.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Classes are made for two campuses instead of two hundred.
    kept = [
        Campus.objects.filter(city__slug=city).order_by("name").first() for city in ("beijing", "shanghai")
    ]
    Campus.objects.exclude(pk__in=[campus.pk for campus in kept if campus]).update(active=False)
    load_roles(roles=ROLES)
    return tmp_path / "demo-logins.txt"


def demo() -> str:
    said = io.StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


def lines(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_login_opens_its_first_page(settings, logins: Path) -> None:
    demo()

    assert [line[1] for line in lines(logins)] == CALLED
    assert logins.stat().st_mode & 0o777 == 0o600
    for word, _called, username, password, url in lines(logins):
        assert word == "login:"
        client = Client()
        assert client.login(username=username, password=password), username
        assert client.get(url.removeprefix(settings.PUBLIC_URL)).status_code == 200, username
        assert not User.objects.get(username=username).is_superuser


def test_the_two_campuses_are_of_two_cities(logins: Path) -> None:
    demo()
    places = [campus_scope(User.objects.get(username=name)) for name in ("demo-beijing", "demo-shanghai")]

    assert [len(place.campus_ids or ()) for place in places] == [1, 1]
    assert places[0].city_ids.isdisjoint(places[1].city_ids)


def test_a_second_start_makes_none_anew(logins: Path) -> None:
    demo()
    kept = logins.read_text(encoding="utf-8")

    assert "0 login(s)" in demo()
    assert logins.read_text(encoding="utf-8") == kept


def test_file_of_an_older_set_gets_the_missing_ones_and_keeps_the_rest(settings, logins: Path) -> None:
    User.objects.create_superuser("demo-hq", "from-an-older-start")
    logins.write_text(f"login: head-office demo-hq from-an-older-start {settings.PUBLIC_URL}/staff/\n")

    assert "6 login(s)" in demo()

    assert lines(logins)[0][3] == "from-an-older-start"
    assert [line[1] for line in lines(logins)] == CALLED
    assert Client().login(username="demo-hq", password="from-an-older-start")
    assert not User.objects.get(username="demo-hq").is_superuser


def test_login_whose_user_is_gone_is_made_anew(logins: Path) -> None:
    demo()
    old = lines(logins)[1][3]
    CampusMembership.objects.filter(user__username="demo-beijing").delete()
    User.objects.filter(username="demo-beijing").delete()

    assert "1 login(s)" in demo()

    new = lines(logins)[1][3]
    assert new != old
    assert Client().login(username="demo-beijing", password=new)


def test_catalogue_without_the_campus_is_said(logins: Path) -> None:
    Campus.objects.filter(city__slug="shanghai").update(active=False)

    with pytest.raises(CommandError, match="no campus in shanghai"):
        demo()
    assert not logins.exists()
