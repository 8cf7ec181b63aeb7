"""A new key for blind indexes: everybody is found meanwhile, and one number stays one account's."""

import base64
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import PhoneBinding
from accounts.services import codes
from accounts.services.guardians import find_guardian, one_at_a_time, register
from kit.numbered_keys import NumberedKeys, read_keys
from privacy.consent.enums import Channel
from privacy.inventory.rotation import walking
from privacy.inventory.rotation.reindexing import lasting_indexes_of, rotate_index
from privacy.keystore.blind_index import blind_index, blind_indexes
from privacy.keystore.models import KeyEpoch
from privacy.keystore.rotation import epochs
from privacy.keystore.services import destroy_keys, freeze_keys, restrict_keys, thaw_keys
from tests.people import new_phone

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, settings: Settings) -> Path:
    """A file of our own, with one bare key, as homes from before there were numbers have it."""
    path = tmp_path / "index"
    path.write_text(base64.b64encode(b"i" * 32).decode() + "\n", encoding="utf-8")
    settings.INDEX_KEYS = NumberedKeys({1: b"i" * 32}, path=path, bare=True)
    return path


def e164(phone: str) -> str:
    return f"+86{phone}"


def guardian(phone: str | None = None) -> PhoneBinding:
    user = register(phone=phone or e164(new_phone()), channel=Channel.WEB)
    return PhoneBinding.objects.get(user=user)


def test_everybody_is_found_before_while_and_after(file: Path, settings: Settings) -> None:
    before = [guardian() for _ in range(5)]
    settings.INDEX_KEYS.add()  # as when a rotation was killed right after
    while_ = guardian()
    everybody = [*before, while_]
    assert {find_guardian(phone=row.phone) for row in everybody} == {row.user for row in everybody}

    assert rotate_index() == 0

    for row in everybody:
        found = PhoneBinding.objects.get(pk=row.pk)
        assert found.phone_index == blind_index("binding.phone", row.phone)
        assert find_guardian(phone=row.phone) == row.user
    epochs.destroy_emptied(at=timezone.now() + epochs.INDEXES_LIVE - timedelta(hours=1))
    number = e164(new_phone())
    assert len(blind_indexes("binding.phone", number)) == 3  # rows of a backup are found by those before
    epochs.destroy_emptied(at=timezone.now() + epochs.INDEXES_LIVE)
    assert {find_guardian(phone=row.phone) for row in everybody} == {row.user for row in everybody}
    assert len(blind_indexes("binding.phone", e164(new_phone()))) == 1
    assert len(read_keys(file.read_text(encoding="utf-8"))) == 1


def test_the_key_before_stays_while_somebody_hangs_on_it() -> None:
    frozen, restricted, gone = guardian(), guardian(), guardian()
    freeze_keys(frozen.user_id), restrict_keys(restricted.user_id), destroy_keys(gone.user_id)

    assert rotate_index() == 1

    kept = {row.pk: row.phone_index for row in PhoneBinding.objects.all()}
    assert kept[frozen.pk] == frozen.phone_index
    assert kept[restricted.pk] not in (None, restricted.phone_index)
    assert kept[gone.pk] is None, "nobody is found by what nobody can read"
    assert not KeyEpoch.objects.filter(kek_set="index", emptied_at__isnull=False).exists()
    thaw_keys(frozen.user_id)
    assert rotate_index() == 0
    emptied = KeyEpoch.objects.filter(kek_set="index", emptied_at__isnull=False)
    assert list(emptied.values_list("epoch", flat=True)) == [1]


def test_one_account_a_number_meanwhile(settings: Settings) -> None:
    phone = e164(new_phone())
    guardian(phone)
    settings.INDEX_KEYS.add()
    assert find_guardian(phone=phone) is not None
    rotate_index()
    with pytest.raises(IntegrityError, match="one_account_a_number"), transaction.atomic():
        register(phone=phone, channel=Channel.WEB)


def test_a_rotation_waits_for_whoever_looked_before_it(settings: Settings) -> None:
    """Somebody who found nobody under the older key writes under it, and is indexed anew afterwards."""
    phone, looked, go_on = e164(new_phone()), threading.Event(), threading.Event()

    def enter() -> None:
        with transaction.atomic():
            one_at_a_time(phone=phone)
            older = blind_index("binding.phone", phone)
            looked.set()
            go_on.wait(30)
            row = guardian(phone)
            PhoneBinding.objects.filter(pk=row.pk).update(phone_index=older)
        connections.close_all()

    entering = threading.Thread(target=enter)
    entering.start()
    assert looked.wait(30)
    done: list[int] = []

    def rotate() -> None:
        done.append(rotate_index())
        connections.close_all()

    rotating = threading.Thread(target=rotate)
    rotating.start()
    rotating.join(0.5)
    assert done == []
    go_on.set()
    entering.join(30)
    rotating.join(30)

    assert done == [0]
    assert PhoneBinding.objects.get().phone_index == blind_index("binding.phone", phone)


def test_a_code_sent_before_is_good_after(settings: Settings) -> None:
    phone = e164(new_phone())
    sent = codes.send_code(phone=phone, purpose=codes.CodePurpose.LOGIN, browser="b", address="192.0.2.1")
    row = codes.open_code(challenge=sent.challenge, browser="b")
    assert row is not None
    assert row.code is not None
    rotate_index()
    tried = codes.Try(
        challenge=sent.challenge, code=row.code, purpose=codes.CodePurpose.LOGIN, browser="b", phone=phone
    )
    assert codes.verify_code(tried, address="192.0.2.1").phone == phone


@pytest.mark.parametrize("killed_after", range(3))
def test_a_rotation_that_was_killed_goes_on(
    killed_after: int, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(walking, "_BATCH", 2)
    people = [guardian() for _ in range(5)]
    steps: list[int] = []

    def kill(what: str, done: int, total: int) -> None:
        steps.append(done)
        if len(steps) > killed_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate_index(tell=kill)
    assert {find_guardian(phone=row.phone) for row in people} == {row.user for row in people}

    assert rotate_index() == 0

    assert set(settings.INDEX_KEYS) == {1, 2}
    newest = {row.phone_index for row in PhoneBinding.objects.all()}
    assert newest == {blind_index("binding.phone", row.phone) for row in people}


def test_indexes_that_outlive_a_week_are_made_anew() -> None:
    lasting = {
        (model._meta.label, index.name)
        for model in walking.sealed_models()
        for index in lasting_indexes_of(model)
    }
    assert lasting == {("accounts.PhoneBinding", "phone_index")}
