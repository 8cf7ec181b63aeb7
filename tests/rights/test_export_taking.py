"""Who can take a copy, how often, until when; and that each time is on record."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from privacy.actors import SYSTEM, Actor
from privacy.audit.models import AuditEvent
from privacy.keystore.services import (
    Erased,
    destroy_keys,
    freeze_keys,
    key_scope,
    restrict_keys,
    thaw_keys,
)
from privacy.rights.enums import PackageState, RequestState
from privacy.rights.exceptions import PackageNotReady, PackageOver, PackageUnknown, TicketRefused
from privacy.rights.models import DownloadTicket, ExportPackage, RequestEvent
from privacy.rights.services.deciding import withdraw_request
from privacy.rights.services.export.making import make, request_export
from privacy.rights.services.export.parts import Parts
from privacy.rights.services.export.sweeping import sweep
from privacy.rights.services.export.taking import fetch, open_ticket, page_of, password_of, progress_of
from tests.rights.exporting import Family, a_family, made, opened, queued, zip_of

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.fixture
def family(settings, tmp_path) -> Family:
    settings.MEDIA_ROOT = tmp_path
    return a_family()


@pytest.fixture
def package(family: Family) -> ExportPackage:
    return made(family)


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """Run all of them at the same moment; what each returned or raised."""
    gate, results = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], object]) -> None:
        try:
            gate.wait()
            results.append(deed())
        except (PackageOver, TicketRefused) as refused:
            results.append(type(refused))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def downloaded(token: str, family: Family) -> bytes:
    return b"".join(fetch(token=token, by=family.acting))


@pytest.mark.parametrize("take", [open_ticket, password_of, page_of, progress_of])
def test_somebody_else_finds_nothing(package: ExportPackage, take: Callable[..., object]) -> None:
    other = a_family()
    for by in (other.acting, Actor("staff", package.request.subject_id), SYSTEM):
        with pytest.raises(PackageUnknown):
            take(package=package, by=by)


def test_somebody_else_s_link_opens_nothing_and_is_not_used_up(
    package: ExportPackage, family: Family
) -> None:
    token = open_ticket(package=package, by=family.acting)
    with pytest.raises(PackageUnknown):
        fetch(token=token, by=a_family().acting)
    assert b"".join(fetch(token=token, by=family.acting))[:2] == b"PK"


def test_a_guessed_link_opens_nothing(package: ExportPackage, family: Family) -> None:
    token = open_ticket(package=package, by=family.acting)
    assert len(token) == 32
    assert token not in DownloadTicket.objects.values_list("token_hash", flat=True)
    for guess in ("", "x", token[:-1], token.swapcase()):
        with pytest.raises(PackageUnknown):
            fetch(token=guess, by=family.acting)


def test_a_link_opens_once(package: ExportPackage, family: Family) -> None:
    token = open_ticket(package=package, by=family.acting)
    fetch(token=token, by=family.acting)
    with pytest.raises(TicketRefused):
        fetch(token=token, by=family.acting)
    package.refresh_from_db()
    assert package.downloads == 1


def test_a_link_is_over_after_ten_minutes(package: ExportPackage, family: Family) -> None:
    token = open_ticket(package=package, by=family.acting)
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=1), tick=False),
        pytest.raises(TicketRefused),
    ):
        fetch(token=token, by=family.acting)


def test_the_fourth_download_is_refused(package: ExportPackage, family: Family) -> None:
    tokens = [open_ticket(package=package, by=family.acting) for _ in range(4)]
    for token in tokens[:3]:
        assert b"".join(fetch(token=token, by=family.acting))
    with pytest.raises(PackageOver):
        fetch(token=tokens[3], by=family.acting)
    with pytest.raises(PackageOver):
        open_ticket(package=package, by=family.acting)


def test_of_five_downloads_at_once_three_succeed(package: ExportPackage, family: Family) -> None:
    tokens = [open_ticket(package=package, by=family.acting) for _ in range(5)]
    results = at_once([partial(downloaded, token, family) for token in tokens])
    assert sorted(isinstance(result, bytes) for result in results) == [False, False, True, True, True]
    package.refresh_from_db()
    assert package.downloads == 3


def test_a_link_used_twice_at_once_is_one_download(package: ExportPackage, family: Family) -> None:
    token = open_ticket(package=package, by=family.acting)
    results = at_once([partial(downloaded, token, family)] * 4)
    assert sorted(isinstance(result, bytes) for result in results) == [False, False, False, True]
    package.refresh_from_db()
    assert package.downloads == 1


def test_nothing_is_left_after_the_seventh_day(package: ExportPackage, family: Family) -> None:
    token = open_ticket(package=package, by=family.acting)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert zip_of(package, family)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1), tick=False):
        for refused in (
            lambda: fetch(token=token, by=family.acting),
            lambda: open_ticket(package=package, by=family.acting),
        ):
            with pytest.raises(PackageOver):
                refused()
        sweep()
    package.refresh_from_db()
    assert package.state == PackageState.EXPIRED
    assert not Parts(package.pk).folder.exists()
    with key_scope(), pytest.raises(Erased):
        _ = package.password


def test_a_third_download_ends_it_once_it_is_through(package: ExportPackage, family: Family) -> None:
    for _ in range(2):
        zip_of(package, family)
    chunks = fetch(token=open_ticket(package=package, by=family.acting), by=family.acting)
    sweep()
    assert b"".join(chunks)[:2] == b"PK"
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        sweep()
    package.refresh_from_db()
    assert package.state == PackageState.EXPIRED
    assert not Parts(package.pk).folder.exists()


@pytest.mark.parametrize("end", [freeze_keys, destroy_keys])
def test_nothing_leaves_once_the_person_s_keys_are_frozen_or_gone(
    package: ExportPackage, family: Family, end: Callable[..., object]
) -> None:
    token = open_ticket(package=package, by=family.acting)
    end(family.guardian.pk)
    with pytest.raises(PackageOver):
        fetch(token=token, by=family.acting)
    for take in (open_ticket, password_of, page_of):
        with pytest.raises(PackageOver):
            take(package=package, by=family.acting)


def test_whoever_restricted_the_use_of_their_data_still_takes_it(family: Family) -> None:
    restrict_keys(family.guardian.pk)
    with key_scope():
        members = opened(made(family), family)
    assert family.phone.encode() in b"".join(members.values())


def test_a_suspended_account_keeps_it(family: Family) -> None:
    family.guardian.is_active = False
    family.guardian.save(update_fields=["is_active"])
    assert family.phone.encode() in b"".join(opened(made(family), family).values())


def test_each_time_is_on_record(package: ExportPackage, family: Family) -> None:
    zip_of(package, family)
    password_of(package=package, by=family.acting)
    b"".join(page_of(package=package, by=family.acting))
    happened = RequestEvent.objects.filter(request=package.request).values_list("what", flat=True)
    assert {"export_begun", "downloaded", "password_shown", "viewed"} <= set(happened)
    recorded = AuditEvent.objects.filter(subject_id=family.guardian.pk).values_list("action", flat=True)
    assert {
        "export.begun",
        "export.made",
        "export.ticket_opened",
        "export.downloaded",
        "export.password_shown",
        "export.viewed",
    } <= set(recorded)


def test_a_look_in_the_browser_is_no_download(package: ExportPackage, family: Family) -> None:
    b"".join(page_of(package=package, by=family.acting))
    package.refresh_from_db()
    assert package.downloads == 0


def test_nothing_can_be_taken_before_it_is_ready(family: Family) -> None:
    package = queued(family)
    for take in (open_ticket, password_of, page_of):
        with pytest.raises(PackageNotReady):
            take(package=package, by=family.acting)
    assert progress_of(package=package, by=family.acting).done == 0
    make(package_id=package.pk)
    progress = progress_of(package=package, by=family.acting)
    assert (progress.state, progress.done, progress.downloads_left) == (PackageState.READY, progress.steps, 3)


def test_the_password_is_long_and_reads_without_doubt(package: ExportPackage, family: Family) -> None:
    password = password_of(package=package, by=family.acting)
    assert len(password) == 23
    assert not set(password) & set("B8G1IL0O5SU2Z")
    assert password != password_of(package=made(family), by=family.acting)


@pytest.mark.parametrize("end", [freeze_keys, destroy_keys])
def test_a_copy_that_cannot_be_made_says_so_and_stays_asked_for(
    family: Family, end: Callable[..., object]
) -> None:
    package = queued(family)
    end(family.guardian.pk)
    make(package_id=package.pk)
    package.refresh_from_db()
    request = package.request
    request.refresh_from_db()
    assert (package.state, request.state) == (PackageState.FAILED, RequestState.ACCEPTED)
    assert RequestEvent.objects.filter(request=request, what="export_failed", note="keys").exists()
    assert not Parts(package.pk).folder.exists()


def test_what_failed_is_made_anew(family: Family) -> None:
    package = queued(family)
    freeze_keys(family.guardian.pk)
    make(package_id=package.pk)
    thaw_keys(family.guardian.pk)
    again = request_export(request=package.request)
    assert again.pk != package.pk
    make(package_id=again.pk)
    assert zip_of(again, family)[:2] == b"PK"


def test_after_five_attempts_it_is_given_up(family: Family, settings, tmp_path) -> None:
    package = queued(family)
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    settings.MEDIA_ROOT = blocked  # a file where the folder should be
    for _ in range(6):
        ExportPackage.objects.filter(pk=package.pk).update(leased_until=None)
        make(package_id=package.pk)
    package.refresh_from_db()
    assert (package.state, package.attempts) == (PackageState.FAILED, 6)
    assert RequestEvent.objects.filter(
        request=package.request, what="export_failed", note="attempts"
    ).exists()


def test_asking_again_is_the_same_package(family: Family) -> None:
    package = queued(family)
    assert request_export(request=package.request).pk == package.pk


def test_a_request_taken_back_leaves_no_package(family: Family) -> None:
    package = queued(family)
    withdraw_request(request=package.request, by=family.acting)
    sweep()
    package.refresh_from_db()
    assert package.state == PackageState.EXPIRED
    make(package_id=package.pk)
    assert not Parts(package.pk).folder.exists()
