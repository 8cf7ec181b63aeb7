"""Erasing a family changes nothing of another's, whatever the two have in common."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from django.db import connections

from accounts.models import User
from accounts.services.children import find_child
from enrollment.models import ClassSession
from privacy.inventory import registry
from privacy.keystore.services import key_scope
from privacy.minors.models import Child
from tests.children import a_child, an_invitation, joins
from tests.erasure.erasing import erased
from tests.families import a_guardian, a_seat, written_to
from tests.places import a_class, a_course, at
from tests.waiters import a_full_class, waits_for

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def a_family(chance: random.Random, classes: list[ClassSession]) -> tuple[User, UUID]:
    """A guardian with a child and whatever chance has them do in classes the other family may be in too."""
    guardian = a_guardian()
    child = a_child(guardian)
    for session in classes:
        if chance.random() < 0.6:
            a_seat(session, guardian)
    if chance.random() < 0.5:
        waits_for(a_full_class(starts_at=at(days=9, hour=10)), guardian=guardian, child=child)
    return guardian, child


def rows_naming(ids: set[UUID]) -> dict[tuple[str, str], str]:
    """Every row of every database that names one of these, as text, by table and key."""
    found: dict[tuple[str, str], str] = {}
    for model in registry.models():
        if not model._meta.managed or model._meta.proxy:
            continue
        table = model._meta.db_table
        for alias in ("default", "minors", "keys"):
            with connections[alias].cursor() as cursor:
                if table not in connections[alias].introspection.table_names(cursor):
                    continue
                key = model._meta.pk.column
                cursor.execute(
                    f'SELECT "{key}"::text, t::text FROM "{table}" t WHERE t::text LIKE ANY (%s)',  # noqa: S608
                    [[f"%{one}%" for one in ids]],
                )
                found |= {(table, row): text for row, text in cursor.fetchall()}
    return found


@pytest.mark.parametrize("seed", range(4))
def test_another_familys_rows_stay_to_the_letter(seed: int) -> None:
    chance = random.Random(seed)
    courses = ["drama-4-6", f"drama-x{seed}", f"drama-y{seed}"]
    classes = [
        a_class(course=a_course(slug), starts_at=at(days=4 + n, hour=15)) for n, slug in enumerate(courses)
    ]
    gone, _ = a_family(chance, classes)
    stays, child = a_family(chance, classes)
    shared = chance.random() < 0.5
    if shared:
        joins(gone, an_invitation(stays, child))
    before, told = rows_naming({stays.pk}), written_to(stays)

    erased(gone)

    after = rows_naming({stays.pk})
    kept = {place: text for place, text in before.items() if str(gone.pk) not in text}
    assert {place: after.get(place) for place in kept} == kept
    assert written_to(stays) == told
    with key_scope():
        assert find_child(guardian=stays, child_id=child).id == child


def test_the_other_half_of_a_shared_child_stays() -> None:
    gone, stays = a_guardian(), a_guardian()
    child = a_child(gone)
    joins(stays, an_invitation(gone, child))

    erased(gone)

    with key_scope():
        assert find_child(guardian=stays, child_id=child).id == child
    assert not rows_naming({gone.pk})
    assert Child.objects.get(pk=child).guardianships.get().guardian_id == stays.pk
