"""A person of whom every table holds a row is erased: nothing leads to them any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connections, router

from accounts.models import User
from enrollment.models import TrialBooking
from privacy.erasure.enums import JobState, StepState
from privacy.inventory import registry
from privacy.keystore.blind_index import blind_index
from privacy.keystore.services import is_buried, key_scope
from privacy.rights.enums import RequestState
from tests.erasure.erasing import erased
from tests.families import a_guardian
from tests.rights.whole_person import Whole, a_whole_person
from tests.staff import a_member_of_staff

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "minors", "keys"])]


@pytest.fixture
def person() -> Iterator[Whole]:
    with key_scope():
        whole = a_whole_person(staff=a_member_of_staff(), other=a_guardian())
        TrialBooking.objects.filter(guardian=whole.guardian).update(lapsed_at=None)  # classes are to come
        yield whole


def test_somebody_who_only_registered_is_erased_with_a_certificate() -> None:
    guardian = a_guardian()

    job = erased(guardian)

    assert job.state == JobState.WAITING
    assert {step.state for step in job.steps.all()} == {StepState.DONE}
    assert job.request is not None
    assert job.request.state == RequestState.FULFILLED
    assert not User.objects.filter(pk=guardian.pk).exists()


@pytest.mark.clause("L-PP-4.7-5", "X1-6-3")
def test_no_column_of_any_database_holds_anything_of_theirs(person: Whole) -> None:
    known = names_of(person)
    assert found_anywhere(known), "the search finds what is there"

    job = erased(person.guardian)

    assert not found_anywhere(known)
    assert is_buried(person.guardian.pk, "*")
    assert job.unreadable_at is not None
    assert job.final_by is not None


def names_of(person: Whole) -> set[str]:
    """Whatever names the person or the children in a column: ids, digests of the number, public names."""
    known = {str(person.guardian.pk), *map(str, person.wards.values())}
    known |= {blind_index(field, f"+86{person.phone}") for field in ("binding.phone", "code.phone")}
    bookings = TrialBooking.objects.filter(guardian=person.guardian)
    for one in bookings.values_list("pk", "public_id", "reference"):
        known |= {one[1], one[2]}
    return known


def found_anywhere(values: set[str]) -> list[str]:
    """Every column with one of the values, asked as text."""
    found = []
    for model in registry.models():
        alias = router.db_for_read(model)
        with connections[alias].cursor() as cursor:
            for column in model._meta.concrete_fields:
                cursor.execute(
                    f"SELECT count(*) FROM {model._meta.db_table} WHERE EXISTS ("  # noqa: S608
                    f"SELECT FROM unnest(%s) AS sought WHERE position(sought IN {column.column}::text) > 0)",
                    [sorted(values)],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{model._meta.label}.{column.name}")
    return found
