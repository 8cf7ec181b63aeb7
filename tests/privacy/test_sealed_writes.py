"""Sealed columns: every way around the field is refused, whatever manager it comes by."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Case, F, Manager, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Lower

from kit.uuid7 import uuid7
from privacy.keystore.blind_index import blind_index
from tests.privacy.scratch import BORN, NAME, OTHER_PHONE, PHONE, Letter, Person, person

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.usefixtures("scratch")]


def plain_queryset() -> QuerySet[Person]:
    """Django's own, for what must hold whatever the manager."""
    manager: Manager[Person] = Manager()
    manager.model = Person
    return manager.get_queryset()


WRITES: dict[str, Callable[[QuerySet[Person]], Any]] = {
    "update": lambda rows: rows.update(phone=OTHER_PHONE),
    "update to another row's": lambda rows: rows.update(phone=rows.values_list("phone", flat=True)[0]),
    "update by bytes": lambda rows: rows.update(phone=b"\x01\x01" + bytes(40)),
    "update by Value": lambda rows: rows.update(phone=Value(OTHER_PHONE)),
    "copy of a column": lambda rows: rows.update(second=F("phone")),
    "onto itself": lambda rows: rows.update(phone=F("phone")),
    "of a plain column": lambda rows: rows.update(phone=F("note")),
    "Case": lambda rows: rows.update(phone=Case(When(note="", then=Value(b"x")), default=F("second"))),
    "Coalesce": lambda rows: rows.update(phone=Coalesce("second", "phone")),
    "Cast": lambda rows: rows.update(phone=Cast("note", models.BinaryField())),
    "subquery": lambda rows: rows.update(phone=models.Subquery(rows.values("second")[:1])),
    "date": lambda rows: rows.update(born=BORN),
    "bulk_update": lambda rows: rows.bulk_update(_assigned(rows), ["phone"]),
}
MANAGERS = {
    "ours": Person.objects.all,
    "Django's": plain_queryset,
    "base": Person._base_manager.all,
}


def _assigned(rows: QuerySet[Person]) -> list[Person]:
    people = list(rows)
    for row in people:
        row.phone = OTHER_PHONE
    return people


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("how", WRITES)
def test_a_write_past_the_field_is_refused(how: str, manager: str) -> None:
    row = person(second=OTHER_PHONE)
    with pytest.raises(FieldError) as refused, transaction.atomic():
        WRITES[how](MANAGERS[manager]())
    assert "sealed" in str(refused.value)
    assert OTHER_PHONE not in str(refused.value)
    assert Person.objects.get(pk=row.pk).phone == PHONE


def test_a_column_may_be_emptied() -> None:
    row = person()
    assert Person.objects.update(name=None, phone_index=None) == 1
    assert Person.objects.get(pk=row.pk).name is None


def test_bulk_create_seals_each_row_for_itself() -> None:
    people = [Person(owner_id=uuid7(), phone=PHONE, name=f"{NAME}{n}") for n in range(5)]
    Person.objects.bulk_create(people)
    found = {row.pk: row for row in Person.objects.all()}
    assert [found[row.pk].name for row in people] == [f"{NAME}{n}" for n in range(5)]
    assert {row.phone_index for row in found.values()} == {blind_index("scratch.phone", PHONE)}


@pytest.mark.parametrize("manager", MANAGERS)
def test_an_upsert_of_a_sealed_column_is_refused(manager: str) -> None:
    row = person()
    again = Person(id=row.pk, owner_id=row.owner_id, phone=OTHER_PHONE, note="new")
    with pytest.raises(FieldError, match="upsert"), transaction.atomic():
        MANAGERS[manager]().bulk_create(
            [again], update_conflicts=True, update_fields=["phone"], unique_fields=["id"]
        )
    MANAGERS[manager]().bulk_create(
        [again], update_conflicts=True, update_fields=["note"], unique_fields=["id"]
    )
    kept = Person.objects.get(pk=row.pk)
    assert (kept.phone, kept.note) == (PHONE, "new")
    MANAGERS[manager]().bulk_create([again], ignore_conflicts=True)
    assert Person.objects.get(pk=row.pk).phone == PHONE


@pytest.mark.parametrize("value", [PHONE.encode(), NAME.encode() * 5, b"", b"\x01" * 31, b"\x02" + bytes(60)])
def test_the_database_refuses_a_plaintext_written_by_sql(value: bytes) -> None:
    row = person()
    for statement in (
        "UPDATE scratch_person SET phone = %s WHERE id = %s",
        "INSERT INTO scratch_person (phone, id, owner_id, note) VALUES (%s, gen_random_uuid(), %s, '')",
    ):
        with (
            pytest.raises(IntegrityError, match="check constraint"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [value, row.pk])
    assert Person.objects.get(pk=row.pk).phone == PHONE


QUESTIONS: dict[str, Callable[[QuerySet[Person]], Any]] = {
    "exact": lambda rows: rows.filter(phone=PHONE),
    "exclude": lambda rows: rows.exclude(phone=PHONE),
    "get": lambda rows: rows.get(phone=PHONE),
    "none": lambda rows: rows.filter(phone=None),
    "in": lambda rows: rows.filter(phone__in=[PHONE]),
    "contains": lambda rows: rows.filter(name__contains="小"),
    "regex": lambda rows: rows.filter(phone__regex="138"),
    "greater": lambda rows: rows.filter(born__gt=BORN),
    "year": lambda rows: rows.filter(born__year=2019),
    "length": lambda rows: rows.filter(phone__length=5),
    "Q": lambda rows: rows.filter(Q(note="x") | Q(phone=PHONE)),
    "column against column": lambda rows: rows.filter(phone=F("second")),
    "get_or_create": lambda rows: rows.get_or_create(phone=PHONE, defaults={"owner_id": uuid7()}),
    "across a relation": lambda rows: Letter.objects.filter(person__phone=PHONE),
    "as a Value": lambda rows: list(
        rows.annotate(x=Value(PHONE, output_field=Person._meta.get_field("phone")))
    ),
}


@pytest.mark.parametrize("manager", MANAGERS)
@pytest.mark.parametrize("how", QUESTIONS)
def test_a_question_the_database_cannot_answer_is_refused(how: str, manager: str) -> None:
    person()
    with pytest.raises(FieldError) as refused:
        QUESTIONS[how](MANAGERS[manager]())
    assert "find(" in str(refused.value)
    assert "138" not in str(refused.value)


@pytest.mark.parametrize("order", ["phone", "-phone", F("phone"), F("phone").desc(nulls_last=True)], ids=str)
def test_sorting_by_ciphertext_is_refused(order: Any) -> None:
    with pytest.raises(FieldError, match="order"):
        Person.objects.order_by("note", order)


def test_the_blind_index_finds() -> None:
    row = person()
    person(phone=OTHER_PHONE)
    assert Person.objects.find(phone=PHONE).get() == row
    assert Person.objects.filter(note="").find(phone=PHONE).count() == 1
    assert not Person.objects.find(phone="+8613700137000").exists()
    with pytest.raises(FieldError, match="blind index"):
        Person.objects.find(name=NAME)
    with pytest.raises(FieldError, match="blind index"):
        Person.objects.find(note="")
    with pytest.raises(ValueError, match=r"E\.164"):
        Person.objects.find(phone="138")
    with pytest.raises(TypeError):
        Person.objects.find(phone=None)


def test_the_blind_index_follows_its_value() -> None:
    row = person()
    row.phone = OTHER_PHONE
    row.save(update_fields=["phone"])
    assert Person.objects.find(phone=OTHER_PHONE).get() == row
    assert not Person.objects.find(phone=PHONE).exists()
    row.note = "y"
    row.save()
    Person.objects.defer("phone").get(pk=row.pk).save()
    assert Person.objects.find(phone=OTHER_PHONE).get() == row


def test_the_blind_index_is_kept_in_step_wherever_it_is_declared() -> None:
    row = person(second=OTHER_PHONE)
    assert Person.objects.find(second=OTHER_PHONE).get() == row
    row.second = PHONE
    row.save()
    assert Person.objects.find(second=PHONE).get().second_index == blind_index("scratch.second", PHONE)
    row.second = None
    row.save(update_fields=["second"])
    assert Person.objects.get(pk=row.pk).second_index is None


def test_lower_and_other_functions_see_ciphertext_only() -> None:
    person()
    with pytest.raises(Exception, match="function lower"), transaction.atomic():
        list(Person.objects.annotate(x=Lower("phone")))
