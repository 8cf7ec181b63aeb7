"""Sealed fields: what is read, where it opens, what never shows."""

import copy
import io
import json
import pickle
import traceback
from datetime import date, datetime
from typing import Any

import pytest
from django.core import serializers
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import FieldError
from django.db import connection, models, transaction
from django.forms import modelform_factory
from django.forms.models import model_to_dict
from django.test import modify_settings
from django.utils import timezone
from rest_framework import serializers as drf

from kit.uuid7 import uuid7
from privacy.inventory.exceptions import SealedValueMoved, SubjectMissing
from privacy.inventory.holders import MASK
from privacy.keystore.services import Erased, Frozen, Tampered, destroy_keys, freeze_keys, seal
from tests.privacy.scratch import BORN, NAME, OTHER_PHONE, PHONE, Letter, Person, person

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.usefixtures("scratch"),
    pytest.mark.clause("L-PP-1-6"),
]
SECRETS = (NAME, PHONE, PHONE[3:], BORN.isoformat(), repr(BORN))


def column(row: models.Model, name: str) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {row._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608
        (value,) = cursor.fetchone()
    return None if value is None else bytes(value)


def put(row: models.Model, name: str, value: bytes | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {name} = %s WHERE id = %s", [value, row.pk])  # noqa: S608


def tells_nothing(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


# Reading


def test_reads_as_it_was_assigned_before_and_after_saving() -> None:
    row = Person(owner_id=uuid7(), name=NAME, phone=PHONE, born=BORN)
    assert (row.name, row.phone, row.born) == (NAME, PHONE, BORN)
    row.save()
    assert (row.name, row.phone, row.born) == (NAME, PHONE, BORN)
    again = Person.objects.get(pk=row.pk)
    assert (again.name, again.phone, again.born) == (NAME, PHONE, BORN)
    assert isinstance(again.born, date)


def test_the_column_holds_bytes_that_say_nothing() -> None:
    row = person()
    for name in ("name", "phone", "born"):
        stored = column(row, name)
        assert stored is not None
        assert stored[:4] == b"\x01\x01\x00\x01"
        assert not any(secret.encode() in stored for secret in SECRETS)


def test_null_stays_null() -> None:
    row = person(name=None, born=None)
    assert column(row, "name") is None
    again = Person.objects.get(pk=row.pk)
    assert again.name is None
    assert again.born is None
    assert list(Person.objects.filter(born__isnull=True)) == [again]
    assert not Person.objects.filter(phone__isnull=True).exists()
    assert Person.objects.exclude(born__isnull=False).count() == 1


def test_an_empty_text_is_a_value() -> None:
    row = person(name="")
    assert len(column(row, "name") or b"") == 32
    assert Person.objects.get(pk=row.pk).name == ""


def test_deferred_values_are_fetched_and_opened() -> None:
    row = person()
    with_few = Person.objects.only("note").get(pk=row.pk)
    assert "phone" in with_few.get_deferred_fields()
    assert with_few.phone == PHONE
    assert Person.objects.defer("born").get(pk=row.pk).born == BORN


def test_refreshing_takes_over_what_others_wrote() -> None:
    row = person()
    other = Person.objects.get(pk=row.pk)
    other.phone = OTHER_PHONE
    other.save()
    row.refresh_from_db()
    assert row.phone == OTHER_PHONE
    pickle.dumps(row)  # refreshed is not unsaved


def test_an_erased_row_still_loads_refreshes_and_saves_its_other_fields() -> None:
    row = person()
    destroy_keys(row.owner_id)
    again = Person.objects.get(pk=row.pk)
    again.refresh_from_db()
    again.note = "closed"
    again.save()
    assert Person.objects.get(pk=row.pk).note == "closed"
    with pytest.raises(Erased):
        _ = again.phone


def test_each_class_of_key_goes_by_itself() -> None:
    row = person()
    destroy_keys(row.owner_id, "minor")
    assert row.phone == PHONE
    with pytest.raises(Erased):
        _ = row.born


def test_frozen_can_be_neither_read_nor_written() -> None:
    row = person()
    freeze_keys(row.owner_id)
    with pytest.raises(Frozen):
        _ = row.phone
    again = Person.objects.get(pk=row.pk)
    for changes in ({"phone": OTHER_PHONE}, {"note": "x"}):
        for name, value in changes.items():
            setattr(again, name, value)
        with pytest.raises(Frozen), transaction.atomic():
            again.save()
    again.save(update_fields=["note"])


def test_a_path_leads_to_the_subject() -> None:
    row = person()
    letter = Letter.objects.create(person=row, body="in confidence")
    assert Letter.objects.get(pk=letter.pk).body == "in confidence"
    destroy_keys(row.owner_id)
    with pytest.raises(Erased):
        _ = Letter.objects.get(pk=letter.pk).body


def test_a_row_that_leads_to_nobody_cannot_be_sealed() -> None:
    with pytest.raises(SubjectMissing) as refused:
        Person(phone=PHONE, name=NAME).save()
    assert tells_nothing(str(refused.value))


# Where a value opens


def test_moved_to_another_row_it_does_not_open() -> None:
    owner = uuid7()
    one, other = person(owner), person(owner, phone=OTHER_PHONE)
    put(other, "phone", column(one, "phone"))
    with pytest.raises(Tampered):
        _ = Person.objects.get(pk=other.pk).phone


def test_moved_to_another_column_it_does_not_open() -> None:
    row = person()
    put(row, "second", column(row, "phone"))
    with pytest.raises(Tampered):
        _ = Person.objects.get(pk=row.pk).second


def test_moved_to_another_subject_it_does_not_open() -> None:
    row = person()
    person(other := uuid7())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE scratch_person SET owner_id = %s WHERE id = %s", [other, row.pk])
    with pytest.raises(Tampered):
        _ = Person.objects.get(pk=row.pk).phone


def test_moved_to_another_class_it_does_not_open() -> None:
    row = person()
    blob = seal(
        BORN.isoformat().encode(),
        field_id="scratch.born",
        row_id=str(row.pk),
        subject=row.owner_id,
        klass="core",
    )
    put(row, "born", blob)
    with pytest.raises(Tampered):
        _ = Person.objects.get(pk=row.pk).born


def test_one_altered_bit_is_noticed() -> None:
    row = person()
    stored = column(row, "phone") or b""
    put(row, "phone", stored[:-1] + bytes([stored[-1] ^ 1]))
    with pytest.raises(Tampered) as refused:
        _ = Person.objects.get(pk=row.pk).phone
    assert tells_nothing("".join(traceback.format_exception(refused.value)))


def test_saving_under_another_subject_is_refused_before_it_destroys_the_value() -> None:
    row = Person.objects.get(pk=person().pk)
    row.owner_id = uuid7()
    with pytest.raises(SealedValueMoved), transaction.atomic():
        row.save()
    number, name, born = PHONE, NAME, BORN
    row.phone, row.name, row.born = number, name, born
    row.save()
    assert Person.objects.get(pk=row.pk).phone == PHONE


def test_a_row_copied_under_a_new_key_is_refused() -> None:
    row = Person.objects.get(pk=person().pk)
    row.pk = uuid7()
    row._state.adding = True
    with pytest.raises(SealedValueMoved):
        row.save()


# What never shows


def test_values_give_the_mask() -> None:
    person()
    (row,) = Person.objects.values("name", "phone", "born")
    assert [f"{value}{value!r}{value!s}" for value in row.values()] == [MASK * 3] * 3
    assert f"{row['phone']:>5}" == "  •••"
    ((phone,),) = Person.objects.values_list("phone")
    assert str(phone) == MASK
    assert tells_nothing(repr(list(Person.objects.values())))
    with pytest.raises(TypeError):
        json.dumps(row)
    (aliased,) = Person.objects.annotate(alias=models.F("phone")).values_list("alias", flat=True)
    assert str(aliased) == MASK


def test_dumps_forms_and_serializers_give_the_mask() -> None:
    row = person()
    for how in ("json", "python", "xml"):
        dumped = str(serializers.serialize(how, [row, Person.objects.get(pk=row.pk)]))
        assert tells_nothing(dumped)
        assert MASK in dumped or r"\u2022" in dumped
    assert tells_nothing(repr(model_to_dict(row)))
    assert row._meta.get_field("phone").value_from_object(row) == MASK
    assert row._meta.get_field("phone").value_to_string(row) == MASK
    assert row._meta.get_field("second").value_from_object(row) is None

    class EveryField(drf.ModelSerializer):  # type: ignore[type-arg]  # any model will do
        class Meta:
            model = Person
            fields = "__all__"

    shown = EveryField(row).data
    assert shown["phone"] == shown["born"] == MASK
    assert tells_nothing(str(shown))


def test_a_dump_cannot_be_loaded_over_the_values() -> None:
    row = person()
    field_values = {"owner_id": str(row.owner_id), "phone": PHONE, "note": ""}
    dumped = json.dumps([{"model": "scratch.person", "pk": str(row.pk), "fields": field_values}])
    parsed = json.loads(dumped)[0]["fields"]
    with pytest.raises(FieldError) as refused:
        Person(id=row.pk, **parsed).save_base(raw=True)
    assert tells_nothing(str(refused.value))


def test_no_model_form_offers_a_sealed_field() -> None:
    form = modelform_factory(Person, fields="__all__")(instance=person())
    assert set(form.fields) == {"owner_id", "note"}
    assert tells_nothing(form.as_p())


def test_the_mask_is_no_value() -> None:
    with pytest.raises(ValueError, match="mask"):
        Person(name=MASK)


def test_instances_print_nothing() -> None:
    for row in (Person(owner_id=uuid7(), phone=PHONE, name=NAME, born=BORN), person()):
        assert tells_nothing(f"{row} {row!r} {row.__dict__} {vars(row)}")


@modify_settings(INSTALLED_APPS={"append": "tests.privacy.scratch"})
def test_pickles_and_caches_hold_no_plaintext() -> None:
    row = person()
    _ = (row.name, row.phone, row.born)
    for fetched in (row, Person.objects.get(pk=row.pk), list(Person.objects.all())):
        pickled = pickle.dumps(fetched)
        assert not any(secret.encode() in pickled for secret in SECRETS)
    cache = LocMemCache("scratch", {})
    cache.set("row", row)
    assert cache.get("row").phone == PHONE
    assert not any(secret.encode() in pickled for pickled in cache._cache.values() for secret in SECRETS)


def test_a_pickle_takes_no_neighbours_along() -> None:
    people = [person(uuid7()) for _ in range(3)]
    first = next(iter(Person.objects.order_by("id")))
    assert first.phone == PHONE
    pickled = pickle.dumps(first)
    owners = [one.owner_id.int.to_bytes(16, "little") for one in people]  # as pickle writes a UUID's number
    assert owners[0] in pickled
    assert not any(owner in pickled for owner in owners[1:])


def test_an_unsaved_value_does_not_pickle() -> None:
    row = person()
    row.phone = OTHER_PHONE
    with pytest.raises(TypeError, match="unsaved"):
        pickle.dumps(row)
    row.save()
    pickle.dumps(row)


@modify_settings(INSTALLED_APPS={"append": "tests.privacy.scratch"})
def test_copies_work_and_carry_no_plaintext_of_saved_rows() -> None:
    row = person()
    for made in (copy.copy(row), copy.deepcopy(row)):
        assert made.phone == PHONE
        assert tells_nothing(repr(made.__dict__))
    unsaved = Person(owner_id=uuid7(), phone=PHONE)
    assert copy.copy(unsaved).phone == copy.deepcopy(unsaved).phone == PHONE


def test_cleaning_a_row_leaves_it_saved() -> None:
    row = Person.objects.get(pk=person(note="x").pk)
    row.clean_fields(exclude=["second"])
    pickle.dumps(row)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phone", "13800138000"),
        ("phone", "+86 138 0013 8000"),
        ("phone", 13800138000),
        ("phone", ""),
        ("phone", "+8613800138000\n"),
        ("phone", "+86" + "\uff11" * 11),  # full-width digits
        ("name", 5),
        ("name", b"bytes"),
        ("name", "长" * 21),
        ("name", "\ud800"),
        ("born", "2019-05-17"),
        ("born", timezone.make_aware(datetime(2019, 5, 17))),
    ],
)
def test_what_a_field_cannot_hold_is_refused_without_being_quoted(name: str, value: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as refused:
        Person(**{name: value})
    text = str(refused.value)
    assert name in text
    assert len(text) < 80
    assert not value or str(value) not in text.encode("utf-8", "replace").decode() or isinstance(value, int)


def test_a_stack_of_dumps_over_standard_streams_is_masked() -> None:
    person()
    out = io.StringIO()
    serializers.serialize("json", Person.objects.iterator(chunk_size=10), stream=out)
    assert tells_nothing(out.getvalue())
