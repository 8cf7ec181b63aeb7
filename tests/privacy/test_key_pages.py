"""One question to the key store a page."""

import pytest
from pytest_django import DjangoAssertNumQueries

from kit.uuid7 import uuid7
from privacy.keystore.services import key_scope
from tests.privacy.scratch import NAME, PHONE, Letter, Person, person

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("scratch")]


@pytest.fixture
def fifty() -> list[Person]:
    people = [Person(owner_id=uuid7(), phone=PHONE, name=NAME) for _ in range(50)]
    Person.objects.bulk_create(people)
    return people


@pytest.mark.usefixtures("fifty")
def test_fifty_rows_one_question(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with key_scope(), django_assert_num_queries(1), django_assert_num_queries(1, using="keys"):
        assert {(row.name, row.phone) for row in Person.objects.all()} == {(NAME, PHONE)}


@pytest.mark.usefixtures("fifty")
def test_the_control_without_pages_asks_fifty_times(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with key_scope(), django_assert_num_queries(50, using="keys"):
        assert {row.phone for row in Person._base_manager.all()} == {PHONE}


@pytest.mark.usefixtures("fifty")
def test_rows_whose_values_nobody_reads_ask_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with key_scope(), django_assert_num_queries(0, using="keys"):
        assert len(Person.objects.all()) == 50


def test_rows_fetched_along_belong_to_the_page(
    fifty: list[Person], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Letter.objects.bulk_create([Letter(person=row, body="dear all") for row in fifty])
    with key_scope(), django_assert_num_queries(1), django_assert_num_queries(1, using="keys"):
        letters = Letter.objects.select_related("person")
        assert {(letter.body, letter.person.phone) for letter in letters} == {("dear all", PHONE)}


def test_rows_fetched_along_are_a_page_of_their_own_too(
    fifty: list[Person], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    Letter.objects.bulk_create([Letter(person=row, body="dear all") for row in fifty])
    with key_scope(), django_assert_num_queries(1), django_assert_num_queries(1, using="keys"):
        letters = Letter.objects.select_related("person").defer("body")
        assert {letter.person.phone for letter in letters} == {PHONE}


def test_a_page_kept_beyond_its_scope_asks_again(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person()
    with key_scope():
        rows = list(Person.objects.all())
        assert rows[0].phone == PHONE
    with django_assert_num_queries(2, using="keys"):
        assert (rows[0].phone, rows[0].name) == (PHONE, NAME)
    with key_scope(), django_assert_num_queries(1, using="keys"):
        assert (rows[0].phone, rows[0].name) == (PHONE, NAME)
