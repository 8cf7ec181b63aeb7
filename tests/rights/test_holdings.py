"""What we hold about a person, as that person is told: all of theirs, in words, and nothing of anybody else."""

from typing import Any

import pytest

from accounts.models import User
from privacy.actors import Actor
from privacy.inventory import registry
from privacy.rights.exceptions import NotTheirs
from privacy.rights.services.holdings import area_named, areas, counts, excluded, reading, rows
from tests.families import a_guardian
from tests.rights.whole_person import (
    CODE,
    SECRET,
    Whole,
    a_whole_member_of_staff,
    a_whole_person,
)

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

Told = dict[str, list[dict[str, str]]]
GIVEN = sorted(declaration.id for _, declaration in registry.inventory() if declaration.export)


def everything(person: Whole) -> Told:
    """All that the person is told, of themselves and of their children, by area."""
    begun = reading(subject_id=person.guardian.pk, by=person.acting)
    own = {area.name: list(rows(area, reading=begun)) for area in areas()}
    for ward in person.wards.values():
        for area in areas(of_child=True):
            own.setdefault(f"child {area.name}", []).extend(rows(area, reading=begun, ward=ward))
    return own


def said(told: Told) -> str:
    return "\n".join(value for area in told.values() for row in area for value in row.values())


@pytest.fixture(scope="module")
def two(django_db_setup: None, django_db_blocker: Any) -> Any:
    yield None


@pytest.fixture
def staff() -> User:
    return a_whole_member_of_staff()


@pytest.fixture
def other() -> User:
    return a_guardian()


@pytest.fixture
def person(staff: User, other: User) -> Whole:
    """One of two people. The other one has as much on file."""
    a_whole_person("乙", staff=staff, other=a_guardian())
    return a_whole_person("甲", staff=staff, other=other)


def test_debug(person: Whole, staff: User) -> None:
    told = everything(person)
    ids = {i for area in told.values() for row in area for i, v in row.items() if v}
    begun = reading(subject_id=staff.pk, by=Actor("staff", staff.pk))
    for area in areas():
        for row in rows(area, reading=begun):
            ids |= {i for i, v in row.items() if v}
    print(sorted(set(GIVEN) - ids))
    for name, held in told.items():
        print("##", name, len(held))
        for row in held[:2]:
            print("   ", row)
    assert 0
