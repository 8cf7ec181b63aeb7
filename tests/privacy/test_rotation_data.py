"""New data keys: every sealed value of every model stands under them, and the old ones go once none does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.utils import timezone

from kit.uuid7 import uuid7
from privacy.inventory.holders import Sealed, as_held
from privacy.inventory.rotation import resealing, walking
from privacy.inventory.rotation.resealing import finish_data, rotate_data
from privacy.keystore import scope
from privacy.keystore.models import SubjectKey
from privacy.keystore.rotation import generations
from privacy.keystore.services import (
    Erased,
    Tampered,
    destroy_keys,
    freeze_keys,
    generation_of,
    key_scope,
    open_sealed,
    restrict_keys,
    seal,
    thaw_keys,
)
from tests.privacy.scratch import BORN, NAME, PHONE, Letter, Person, person

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("scratch"),
]


@pytest.fixture(autouse=True)
def models_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scratch models besides all that are installed."""
    installed = walking.sealed_models()
    monkeypatch.setattr(resealing, "sealed_models", lambda: [*installed, Person, Letter])


@pytest.fixture(autouse=True)
def emptied() -> Iterator[None]:
    yield
    Letter.objects.all().delete()
    Person.objects.all().delete()


def generations_of(subject: UUID) -> list[tuple[str, int, str]]:
    rows = SubjectKey.objects.filter(subject=subject).exclude(klass="*").order_by("klass", "gen")
    return list(rows.values_list("klass", "gen", "state"))


def held(row: Any, name: str) -> int:
    """The generation under which a value stands in the database."""
    with as_held():
        value = getattr(type(row).objects.get(pk=row.pk), name)
    assert isinstance(value, Sealed)
    return generation_of(value.blob)


def settle() -> datetime:
    return timezone.now() + generations.SETTLED_AFTER


def test_every_value_stands_under_a_new_key_and_the_old_one_goes() -> None:
    family = person()
    letter = Letter.objects.create(person=family, body="写给您的话")

    assert rotate_data() is not None
    assert (held(family, "name"), held(family, "born"), held(letter, "body")) == (2, 2, 2)
    assert [state for _, _, state in generations_of(family.owner_id)] == ["active"] * 4
    assert finish_data(at=timezone.now()) == 0, "before everybody has forgotten the old keys"
    assert finish_data(at=settle()) == 2

    found = Person.objects.get(pk=family.pk)
    assert (found.name, found.phone, found.born, found.second) == (NAME, PHONE, BORN, None)
    assert Person.objects.find(phone=PHONE).get() == found
    assert Letter.objects.get(pk=letter.pk).body == "写给您的话"
    assert generations_of(family.owner_id) == [
        ("core", 1, "destroyed"), ("core", 2, "active"), ("minor", 1, "destroyed"), ("minor", 2, "active"),
    ]  # fmt: skip
    assert finish_data(at=settle()) == 0


def test_every_model_with_a_sealed_field_is_gone_through() -> None:
    """Whatever is declared sealed: the rotation asks each model for its rows, and leads to whose they are."""
    found = {model._meta.label for model in walking.sealed_models()}
    declared = {
        model._meta.label
        for model in apps.get_models()
        if any(getattr(getattr(field, "declaration", None), "sealed", False) for field in model._meta.fields)
    }
    assert found == declared
    assert {"accounts.PhoneBinding", "minors.Child", "messaging.Message"} <= found
    for model in walking.sealed_models():
        assert list(walking.rows_of(model)[:1]) == []
    assert rotate_data() is None
    assert resealing.used({}) == set()


def test_restricted_stays_restricted_and_frozen_keeps_its_key() -> None:
    restricted, frozen, gone = person(), person(), person()
    restrict_keys(restricted.owner_id)
    freeze_keys(frozen.owner_id)
    destroy_keys(gone.owner_id)

    rotate_data()
    finish_data(at=settle())

    assert [state for _, _, state in generations_of(restricted.owner_id)] == ["destroyed", "restricted"] * 2
    assert generations_of(frozen.owner_id) == [("core", 1, "frozen"), ("minor", 1, "frozen")]
    assert generations_of(gone.owner_id) == [("core", 1, "destroyed"), ("minor", 1, "destroyed")]
    thaw_keys(frozen.owner_id)
    assert Person.objects.get(pk=frozen.pk).name == NAME
    with pytest.raises(Erased):
        assert Person.objects.get(pk=gone.pk).name


def test_frozen_in_the_middle_of_it_keeps_the_key_it_hangs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    family = person()
    made = resealing.outdated

    def freeze_first() -> Any:
        newest = made()
        freeze_keys(family.owner_id)
        return newest

    monkeypatch.setattr(resealing, "outdated", freeze_first)
    rotate_data()
    monkeypatch.undo()
    thaw_keys(family.owner_id)
    monkeypatch.setattr(resealing, "sealed_models", lambda: [Person, Letter])
    assert held(family, "name") == 1

    finish_data(at=settle())

    assert held(family, "name") == 2
    assert Person.objects.get(pk=family.pk).name == NAME


def test_a_value_nothing_could_seal_anew_keeps_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    family = person()
    monkeypatch.setattr(resealing, "sealed_models", lambda: [Letter])
    rotate_data()
    monkeypatch.setattr(resealing, "sealed_models", lambda: [Person])
    monkeypatch.setattr(resealing, "writable", lambda model: False)
    assert finish_data(at=settle()) == 0
    assert Person.objects.get(pk=family.pk).name == NAME


def test_a_task_that_remembers_the_old_key_forgets_it_before_that_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert timedelta(seconds=scope.REMEMBERED) < generations.SETTLED_AFTER / 10
    subject = uuid7()
    place = {"field_id": "f", "row_id": "r", "subject": subject, "klass": "core"}
    with key_scope():
        seal(b"value", **place)
        rotate_data()
        assert generation_of(seal(b"value", **place)) == 1
        monkeypatch.setattr(scope, "REMEMBERED", 0.0)
        assert generation_of(seal(b"value", **place)) == 2


@pytest.mark.parametrize("killed_after", range(5))
def test_a_rotation_that_was_killed_goes_on(killed_after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "_BATCH", 2)
    monkeypatch.setattr(generations, "_BATCH", 2)
    family = [person() for _ in range(5)]
    steps: list[str] = []

    def kill(what: str, done: int, total: int) -> None:
        steps.append(what)
        if len(steps) > killed_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_data(tell=kill)
    assert {row.name for row in Person.objects.all()} == {NAME}

    assert rotate_data() is not None
    finish_data(at=settle())

    for row in family:
        assert held(row, "name") == 2
        assert [gen for _, gen, state in generations_of(row.owner_id) if state == "active"] == [2, 2]
    assert {row.name for row in Person.objects.all()} == {NAME}


def test_what_stood_before_opens_no_more() -> None:
    family = person()
    with as_held():
        before = Person.objects.get(pk=family.pk).__dict__["name"].blob
    place = {
        "field_id": "scratch.name",
        "row_id": str(family.pk),
        "subject": family.owner_id,
        "klass": "core",
    }
    assert open_sealed(before, **place) == NAME.encode()
    rotate_data()
    finish_data(at=settle())
    with pytest.raises((Erased, Tampered)):
        open_sealed(before, **place)
